import type { Network } from '../network.types.ts'
import type { TimerWheel } from '../timer-wheel.ts'
import type { Account, BusinessNumber } from './accounts.ts'
import type { GraphMedia } from './media.ts'
import type { Templates } from './templates.ts'
import type { WebhookSender } from './webhook-sender.ts'

/** What the emulator's endpoints share. */
export type Emulator = {
  network: Network
  byToken: Map<string, Account>
  byWaba: Map<string, Account>
  numbersById: Map<string, BusinessNumber>
  numbersByNumber: Map<string, BusinessNumber>
  media: GraphMedia
  templates: Templates
  sender: WebhookSender
  /** For answers that wait. */
  wheel: TimerWheel
  latencyMs: number
  requests: number
  /** Where this server is reached, for the addresses it hands out. */
  base: string
}

/** What an account, taken in while the emulator runs, adds. */
export function admit(emulator: Emulator, account: Account, settings: (number: BusinessNumber) => void): void {
  emulator.byToken.set(account.accessToken, account)
  emulator.byWaba.set(account.wabaId, account)
  for (const number of account.numbers) {
    emulator.numbersById.set(number.id, number)
    emulator.numbersByNumber.set(number.number, number)
    settings(number)
  }
}

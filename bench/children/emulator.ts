import { type AccountOptions, createGraphEmulator, createNetwork } from '../../server/src/simulator/index.ts'
import { answerCalls } from '../calls.ts'

/** The emulator of Meta's Graph API in a process of its own. Accounts come by call. */
export type Arrival = [callbackData: string, epochMs: number]
export type EmulatorFacts = { distinct: number; twice: number; delivered: number; lost: number; retries: number; requests: number }

const network = createNetwork({ scale: 0, keepChats: 'counts', mostCounted: 5_000_000 })
let arrivals: Arrival[] | undefined
const watched = {
  ...network,
  deliver(...attempt: Parameters<typeof network.deliver>) {
    arrivals?.push([attempt[2].callbackData ?? '', performance.timeOrigin + performance.now()])
    return network.deliver(...attempt)
  },
}
const emulator = createGraphEmulator({
  network: watched,
  control: true,
  webhooks: {
    batch: 50,
    lingerMs: 5,
    connections: 16,
    mostQueued: 2_000_000,
    retry: { firstMs: 200, factor: 2, mostMs: 2_000, attempts: 20 },
  },
  accounts: [],
})

answerCalls({
  open: () => emulator.listen(0),
  account: (options: AccountOptions) => emulator.addAccount(options),
  webhook: ({ wabaId, url }: { wabaId: string; url: string }) => emulator.setWebhook(wabaId, url),
  approve: ({ wabaId, ...which }: { wabaId: string; name: string; language: string }) => emulator.moveTemplate(wabaId, which, 'APPROVED'),
  latency: (ms: number) => emulator.setLatency(ms),
  facts: (): EmulatorFacts => {
    const { requests, webhooks, network: counted } = emulator.stats()
    const { delivered, lost, retries } = webhooks
    return { distinct: counted.sends.distinct, twice: counted.sends.twice, delivered, lost, retries, requests }
  },
  watch: (on: boolean) => {
    arrivals = on ? [] : undefined
  },
  arrivals: () => arrivals ?? [],
  forget: () => network.ledger.clear(),
})

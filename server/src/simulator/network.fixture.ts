import { expect } from 'vitest'
import { createNetwork } from './network.ts'
import type { BusinessSettings, NetworkInbound, NetworkOptions, NetworkReceipt } from './network.types.ts'
import { createManualTime } from './time.ts'

export const SHOP = '+15550001111'
export const ANN = '+491701234567'
export const text = (words: string) => ({ type: 'text' as const, text: words })

/** A network whose time stands still, with what it told so far. */
export function open(options: NetworkOptions = {}, settings: BusinessSettings = {}) {
  const time = createManualTime()
  const network = createNetwork({ time, ...options })
  network.business(SHOP, settings)
  const start = time.now()
  const receipts: NetworkReceipt[] = []
  const inbound: NetworkInbound[] = []
  network.on('receipt', (receipt) => receipts.push(receipt))
  network.on('message', (message) => inbound.push(message))
  const send = (to: string, more: { wireId?: string; callbackData?: string; words?: string } = {}) =>
    network.deliver(SHOP, to, { content: text(more.words ?? 'hello'), ...more })
  const told = () => receipts.map(({ state, at }) => `${state}@${at - start}`)
  return { time, network, receipts, inbound, send, told }
}
export const refusedWith = (code: number) => expect.objectContaining({ kind: 'refused', refusal: expect.objectContaining({ code }) })
export const ACCEPTED = expect.objectContaining({ kind: 'accepted', repeat: false })

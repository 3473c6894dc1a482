import { isGroup, isNewsletter } from '../groups.ts'
import type { NetworkReceipt } from '../network.types.ts'
import { type Account, acknowledged, type Device, post, tell } from './devices.ts'
import { child, children, type Node, node, seconds } from './nodes.wire.ts'
import { sendAgain } from './retries.ts'
import type { WebState } from './web-state.ts'
import { addressingOf, jidOf } from './write-inbound.ts'

/** A message got further: the devices of its sender are told, by whoever it reached. */
export function tellReceipt(state: WebState, receipt: NetworkReceipt): void {
  const account = state.accounts.get(receipt.business)
  const { wireId, state: reached, phone } = receipt
  if (!account || reached === 'sent' || isNewsletter(phone.number)) return
  if (reached === 'failed') {
    tellFailure(account, receipt)
    return
  }
  const type = reached === 'read' ? 'read' : undefined
  const t = seconds(receipt.at)
  for (const who of readersOf(state, account, receipt)) {
    for (const device of account.devices.values()) post(device, node('receipt', { ...who, id: wireId, t, type }))
  }
}

/** Groups tell each of their members; one person answers under the name that was written to. */
function readersOf(
  state: WebState,
  account: Account,
  { business, phone, wireId }: NetworkReceipt,
): { from: string; participant?: string }[] {
  if (!isGroup(phone.number)) {
    const usual = jidOf(addressingOf(state, phone.number), state.people.of(phone.number))
    return [{ from: account.sentTo.get(wireId) ?? usual }]
  }
  const members = [...(state.network.groups.find(business, phone.number)?.members.keys() ?? [])]
  return members.flatMap((number) => (number === business ? [] : [{ from: phone.number, participant: state.people.of(number).lidJid }]))
}

/** WhatsApp has no receipt for this: a message that was acknowledged is acknowledged again, with an error. */
function tellFailure(account: Account, { wireId, at, phone }: NetworkReceipt): void {
  const from = account.sentTo.get(wireId) ?? phone.number
  const again = node('ack', { class: 'message', id: wireId, from, t: seconds(at), error: FAILED })
  for (const device of account.devices.values()) tell(device, again)
}
const FAILED = 406

/** A device has taken messages, or its user has read them; or it could not open one. */
export async function takeReceipt(state: WebState, device: Device, receipt: Node): Promise<void> {
  const { id = '', to, type, participant } = receipt.attrs
  device.connection?.send(node('ack', { class: 'receipt', id, from: to, type, participant }))
  if (type === 'retry') return sendAgain(state, device, receipt)
  const ids = [id, ...children(child(receipt, 'list'), 'item').map(({ attrs }) => attrs.id ?? '')]
  for (const one of ids) {
    acknowledged(device, 'message', { id: one })
    if (type === 'read' || type === 'played') state.network.markRead(device.account.person.number, one)
  }
}

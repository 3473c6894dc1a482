import { isGroup } from '../groups.ts'
import { type Device, post, signalAddress, takeBundle } from './devices.ts'
import { distributionOf, groupKeyOf } from './group-key-book.ts'
import { child, type Node, node, seconds } from './nodes.wire.ts'
import { deviceOfJid, type Person } from './people.ts'
import type { WebState } from './web-state.ts'

type Carried = { stanza: Node; person: Person }

/** A phone could not open a message. */
export function cannotOpen(state: WebState, device: Device, carried: Carried): void {
  device.account.askedAgain++
  askAgain(state, device, carried)
}

/** A phone begins a session anew and asks for a message again. */
export function askAgain(state: WebState, device: Device, { stanza, person }: Carried): void {
  const { id = '', to = '' } = stanza.attrs
  const t = seconds(state.network.time.now())
  person.signal.forget(signalAddress(device))
  const jid = to.endsWith('@lid') ? person.lidJid : person.phoneJid
  const who = isGroup(to) ? { from: to, participant: person.lidJid } : { from: jid }
  post(device, node('receipt', { ...who, id, t, type: 'retry' }, [node('retry', { count: 1, id, t, v: 1 }), ...person.signal.retryNodes()]))
}

/** A device could not open a message of a phone: it is sealed for it anew, and alone. */
export async function sendAgain(state: WebState, device: Device, receipt: Node): Promise<void> {
  const { id = '', to = '' } = receipt.attrs
  const written = state.written.get(id)
  if (!written || deviceOfJid(to) !== 0) return
  const { by, message, envelope } = written
  const given = isGroup(to) ? await distributionOf(groupKeyOf(state, to, by.number), to) : {}
  by.signal.forget(signalAddress(device))
  const sealed = await by.signal.seal(signalAddress(device), { ...message, ...given }, () => takeBundle(device))
  const count = child(receipt, 'retry')?.attrs.count ?? '1'
  device.resealed.add(id)
  post(device, node('message', envelope, [node('enc', { v: 2, type: sealed.type, count }, sealed.bytes)]))
}

import type { proto } from 'baileys'
import type { Verdict } from '../network.types.ts'
import { type Device, deviceJid, deviceLidJid, post, signalAddress } from './devices.ts'
import { takeOne } from './fault-book.ts'
import { groupKeyOf } from './group-key-book.ts'
import { bytesOf, child, children, type Node, node, seconds } from './nodes.wire.ts'
import type { Person } from './people.ts'
import { cannotOpen } from './retries.ts'
import { show } from './show.ts'
import type { WebState } from './web-state.ts'

/** A member was given the key of a device, alone or beside a message. */
export async function takeGroupKey(
  state: WebState,
  device: Device,
  { person, message }: { person: Person; message: proto.IMessage },
): Promise<void> {
  const { groupId, axolotlSenderKeyDistributionMessage: distribution } = message.senderKeyDistributionMessage ?? {}
  if (!groupId || !distribution) return
  const key = groupKeyOf(state, groupId, signalAddress(device))
  await key.learn(distribution)
  key.holders.add(person.number)
}

/** A device writes into a group. Members that have not been given its key ask for the message. */
export async function takeGroupMessage(state: WebState, device: Device, stanza: Node): Promise<Verdict | undefined> {
  const { to = '', participant } = stanza.attrs
  const sealed = child(stanza, 'enc')
  if (sealed?.attrs.type !== 'skmsg' || participant !== undefined) return undefined
  const { number } = device.account.person
  const key = groupKeyOf(state, to, signalAddress(device))
  const members = [...(state.network.groups.find(number, to)?.members.keys() ?? [])].filter((one) => one !== number)
  for (const member of members) {
    const isReader = key.holders.has(member) && !takeUnreadable(state, member)
    if (!isReader) cannotOpen(state, device, { stanza, person: state.people.of(member) })
  }
  passToSiblings(state, device, { stanza, sealed })
  const message = await key.open(bytesOf(sealed))
  return show(state, device, { stanza, to, message })
}

/** Whether this phone is one that cannot open its next message; counts it. */
export const takeUnreadable = ({ faults }: WebState, number: string): boolean => takeOne(faults.unreadable, number)

/** The other devices of the writer get it too, with the key where it was sealed for them. */
function passToSiblings(state: WebState, device: Device, { stanza, sealed }: { stanza: Node; sealed: Node }): void {
  const { id, to, type } = stanza.attrs
  const parcels = children(child(stanza, 'participants'), 'to')
  for (const sibling of device.account.devices.values()) {
    if (sibling === device) continue
    const given = child(
      parcels.find(({ attrs }) => attrs.jid === deviceLidJid(sibling) || attrs.jid === deviceJid(sibling)),
      'enc',
    )
    const attrs = { from: to, participant: deviceLidJid(device), id, type, t: seconds(state.network.time.now()) }
    post(sibling, node('message', attrs, given ? [given, sealed] : [sealed]))
  }
}

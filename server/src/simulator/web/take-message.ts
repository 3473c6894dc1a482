import type { proto } from 'baileys'
import { isGroup, isNewsletter } from '../groups.ts'
import type { Verdict } from '../network.types.ts'
import { errorOf, openAcknowledge } from './acknowledge.ts'
import { type Device, deviceJid, deviceLidJid, post, signalAddress } from './devices.ts'
import { bytesOf, child, children, type Node, node, seconds } from './nodes.wire.ts'
import { deviceOfJid, numberOfJid, type Person } from './people.ts'
import { cannotOpen } from './retries.ts'
import { show } from './show.ts'
import { isSignalError } from './signal-party.ts'
import { takeGroupKey, takeGroupMessage, takeUnreadable } from './take-group-message.ts'
import { takePost } from './take-post.ts'
import { takeRequest } from './take-request.ts'
import type { WebState } from './web-state.ts'

type Parcel = { to: string; sealed: Node }

/** A linked device sends a message: its own phone and siblings get their copies, the recipient's phone opens its own and shows it. */
export async function takeMessage(state: WebState, device: Device, stanza: Node): Promise<void> {
  const business = device.account.person.number
  if (state.faults.blackHoles.has(business)) return
  const { connection } = device
  const acknowledge = openAcknowledge(state, device, stanza)
  const { to = '', category } = stanza.attrs
  const refusal = state.faults.ackErrors.get(numberOfJid(to) ?? to)
  if (refusal !== undefined) return acknowledge({ error: refusal })
  if (isNewsletter(to)) return takePost(state, device, { stanza, acknowledge })
  const verdict = category === 'peer' ? await takeRequest(state, device, stanza) : await carry(state, device, stanza)
  if (verdict?.kind === 'cut') return connection?.cut()
  acknowledge({ error: verdict && errorOf(verdict) })
}

function parcelsOf(stanza: Node): Parcel[] {
  const fanOut = children(child(stanza, 'participants'), 'to').flatMap((one) => {
    const sealed = child(one, 'enc')
    return sealed ? [{ to: one.attrs.jid ?? '', sealed }] : []
  })
  const direct = child(stanza, 'enc')
  return direct && direct.attrs.type !== 'skmsg'
    ? [...fanOut, { to: stanza.attrs.participant ?? stanza.attrs.to ?? '', sealed: direct }]
    : fanOut
}

/** Opens every copy in its order; what the recipient's phone makes of it is the verdict. */
async function carry(state: WebState, device: Device, stanza: Node): Promise<Verdict | undefined> {
  let verdict: Verdict | undefined
  for (const parcel of parcelsOf(stanza)) {
    const person = state.people.byJid(parcel.to)
    if (!person) continue
    if (deviceOfJid(parcel.to) === 0) verdict = (await open(state, device, { stanza, parcel, person })) ?? verdict
    else if (!isGroup(stanza.attrs.to ?? '')) passOn(state, device, { stanza, parcel, person })
  }
  return isGroup(stanza.attrs.to ?? '') ? ((await takeGroupMessage(state, device, stanza)) ?? verdict) : verdict
}

type Carried = { stanza: Node; parcel: Parcel; person: Person }

/** A copy for another companion: of the same number, or of the recipient's. */
function passOn(state: WebState, device: Device, { stanza, parcel, person }: Carried): void {
  const companion = state.accounts.get(person.number)?.devices.get(deviceOfJid(parcel.to))
  if (!companion || companion === device) return
  const { id, to = '', type } = stanza.attrs
  const isByLid = parcel.to.endsWith('@lid')
  const { phoneJid, lidJid, number } = device.account.person
  const isSibling = companion.account === device.account
  const toOther = { notify: state.network.phone(number)?.profileName, [isByLid ? 'sender_pn' : 'sender_lid']: isByLid ? phoneJid : lidJid }
  const from = isByLid ? deviceLidJid(device) : deviceJid(device)
  post(
    companion,
    node('message', { from, ...(isSibling ? { recipient: to } : toOther), id, type, t: seconds(state.network.time.now()) }, [
      parcel.sealed,
    ]),
  )
}

/** The phone opens its parcel; its own copy of what a companion wrote needs no more than that. */
async function open(state: WebState, device: Device, { stanza, parcel, person }: Carried): Promise<Verdict | undefined> {
  const isOwnCopy = person.number === device.account.person.number
  if (!isOwnCopy && takeUnreadable(state, person.number)) {
    cannotOpen(state, device, { stanza, person })
    return undefined
  }
  const { type = 'msg' } = parcel.sealed.attrs
  let message: proto.IMessage
  try {
    message = await person.signal.open(signalAddress(device), { type, bytes: bytesOf(parcel.sealed) })
  } catch (error) {
    if (!isSignalError(error)) throw error
    cannotOpen(state, device, { stanza, person })
    return undefined
  }
  await takeGroupKey(state, device, { person, message })
  const { to = '' } = stanza.attrs
  const isToSelf = numberOfJid(to) === person.number
  if (isOwnCopy && !isToSelf) return undefined
  return show(state, device, { stanza, to: isGroup(to) ? to : person.number, message: message.deviceSentMessage?.message ?? message })
}

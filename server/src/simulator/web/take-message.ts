import { normalizeMessageContent, type proto } from 'baileys'
import { putBounded } from '../bounded-map.ts'
import type { Verdict } from '../network.types.ts'
import { acknowledge, errorOf } from './acknowledge.ts'
import { type Device, deviceJid, deviceLidJid, post, rememberSent, signalAddress } from './devices.ts'
import { fromMessage } from './from-message.wire.ts'
import { bytesOf, child, children, type Node, node, seconds } from './nodes.wire.ts'
import { deviceOfJid, numberOfJid, type Person } from './people.ts'
import { askAgain } from './retries.ts'
import type { WebState } from './web-state.ts'

type Parcel = { to: string; sealed: Node }

const MESSAGES_MOST = 2_000

/** A linked device sends a message: its own phone and siblings get their copies, the recipient's phone opens its own and shows it. */
export async function takeMessage(state: WebState, device: Device, stanza: Node): Promise<void> {
  const business = device.account.person.number
  if (state.faults.blackHoles.has(business)) return
  const { to = '', category } = stanza.attrs
  const refusal = state.faults.ackErrors.get(numberOfJid(to) ?? to)
  if (refusal !== undefined) return acknowledge(state, device, stanza, refusal)
  const verdict = category === 'peer' ? undefined : await carry(state, device, stanza)
  if (verdict?.kind === 'cut') return device.connection?.cut()
  acknowledge(state, device, stanza, verdict && errorOf(verdict))
}

function parcelsOf(stanza: Node): Parcel[] {
  const fanOut = children(child(stanza, 'participants'), 'to').flatMap((one) => {
    const sealed = child(one, 'enc')
    return sealed ? [{ to: one.attrs.jid ?? '', sealed }] : []
  })
  const direct = child(stanza, 'enc')
  return direct && direct.attrs.type !== 'skmsg' ? [...fanOut, { to: stanza.attrs.to ?? '', sealed: direct }] : fanOut
}

async function carry(state: WebState, device: Device, stanza: Node): Promise<Verdict | undefined> {
  let verdict: Verdict | undefined
  for (const parcel of parcelsOf(stanza)) {
    const person = state.people.byJid(parcel.to)
    if (!person) continue
    if (deviceOfJid(parcel.to) !== 0) passOn(state, device, { stanza, parcel, person })
    else verdict = (await open(state, device, { stanza, parcel, person })) ?? verdict
  }
  return verdict
}

type Carried = { stanza: Node; parcel: Parcel; person: Person }

/** A copy for a sibling of the device. */
function passOn(state: WebState, device: Device, { stanza, parcel, person }: Carried): void {
  const sibling = state.accounts.get(person.number)?.devices.get(deviceOfJid(parcel.to))
  if (!sibling || sibling === device) return
  const { id, to = '', type } = stanza.attrs
  const from = parcel.to.endsWith('@lid') ? deviceLidJid(device) : deviceJid(device)
  post(sibling, node('message', { from, recipient: to, id, type, t: seconds(state.network.time.now()) }, [parcel.sealed]))
}

async function open(state: WebState, device: Device, { stanza, parcel, person }: Carried): Promise<Verdict | undefined> {
  const isOwnCopy = person === device.account.person
  const unreadable = state.faults.unreadable.get(person.number) ?? 0
  if (!isOwnCopy && unreadable > 0) {
    state.faults.unreadable.set(person.number, unreadable - 1)
    askAgain(state, device, { stanza, person })
    return undefined
  }
  const { type = 'msg' } = parcel.sealed.attrs
  let message: proto.IMessage
  try {
    message = await person.signal.open(signalAddress(device), { type, bytes: bytesOf(parcel.sealed) })
  } catch {
    askAgain(state, device, { stanza, person })
    return undefined
  }
  const isToSelf = numberOfJid(stanza.attrs.to) === person.number
  return isOwnCopy && !isToSelf
    ? undefined
    : show(state, device, { stanza, person, message: message.deviceSentMessage?.message ?? message })
}

/** The recipient's phone shows it, if there is anything to see. */
async function show(
  state: WebState,
  device: Device,
  { stanza, person, message }: { stanza: Node; person: Person; message: proto.IMessage },
): Promise<Verdict | undefined> {
  const { id = '', to = '' } = stanza.attrs
  const business = device.account.person.number
  const inner = normalizeMessageContent(message) ?? message
  putBounded(
    state.messages,
    { key: id, value: { ...inner, messageContextInfo: message.messageContextInfo ?? inner.messageContextInfo ?? null } },
    MESSAGES_MOST,
  )
  const said = await fromMessage(message, { files: state.network.files, media: state.media, owner: business })
  if (!said) return undefined
  rememberSent(device.account, id, to)
  return state.network.deliver(business, person.number, { ...said, wireId: id })
}

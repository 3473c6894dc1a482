import type { proto } from 'baileys'
import { putBounded } from '../bounded-map.ts'
import { isGroup } from '../groups.ts'
import type { NetworkInbound } from '../network.types.ts'
import { type Account, type Device, post, signalAddress, takeBundle } from './devices.ts'
import type { Addressing } from './fault-book.ts'
import { takeOne } from './fault-book.ts'
import { distributionOf, groupKeyOf } from './group-key-book.ts'
import { type Node, node, seconds } from './nodes.wire.ts'
import type { Person } from './people.ts'
import { sealVote } from './poll-vote.wire.ts'
import { toMessage } from './to-message.wire.ts'
import { inTurn } from './turns.ts'
import type { WebState, Written } from './web-state.ts'

const WRITTEN_MOST = 5_000

/** Members of groups have LIDs there. */
export function addressingOf({ faults, network }: WebState, number: string, group?: string): Addressing {
  const wanted = faults.addressing.get(number) ?? (network.phone(number)?.hidesNumber ? 'lid only' : 'number')
  return group !== undefined && wanted === 'number' ? 'lid' : wanted
}

export const jidOf = (addressing: Addressing, { phoneJid, lidJid }: Person): string => (addressing === 'number' ? phoneJid : lidJid)

/** A phone wrote to a business: every device that is linked to it gets the message, sealed for it alone. */
export async function tellMessage(state: WebState, inbound: NetworkInbound): Promise<void> {
  const account = state.accounts.get(inbound.business)
  if (!account || account.devices.size === 0) return
  const by = state.people.of(inbound.phone.number)
  const envelope = envelopeOf(state, { inbound, by })
  await inTurn(account.inbound, async () => {
    const message = await messageOf(state, { inbound, account, by })
    await hand(state, account, { by, to: inbound.business, message, envelope })
  })
}

/** Keeps what a phone wrote and seals it for each device; whoever calls this has the account's turn. */
export async function hand(state: WebState, account: Account, written: Written): Promise<void> {
  putBounded(state.written, { key: written.envelope.id ?? '', value: written }, WRITTEN_MOST)
  const isHidden = takeOne(state.faults.hidden, written.by.number)
  await Promise.all(
    [...account.devices.values()].map((device) => (isHidden ? postHidden(device, written) : sealFor(state, device, written))),
  )
}

/** An advertisement's answer, say: the server has not got it for this device. */
const postHidden = (device: Device, { envelope }: Written) => post(device, node('message', envelope, [node('unavailable')]))

/** What a phone wrote comes once more. */
export async function redeliver(state: WebState, wireId: string): Promise<void> {
  const written = state.written.get(wireId)
  const account = written && state.accounts.get(written.to)
  if (!account) throw new RangeError(`no message ${wireId}`)
  await inTurn(account.inbound, () => hand(state, account, written))
}

async function sealFor(state: WebState, device: Device, written: Written): Promise<void> {
  const content = isGroup(written.envelope.from ?? '') ? await sealInGroup(state, device, written) : [await sealAlone(device, written)]
  post(device, node('message', written.envelope, content))
}

async function sealAlone(device: Device, { by, message }: Pick<Written, 'by' | 'message'>): Promise<Node> {
  const { type, bytes } = await by.signal.seal(signalAddress(device), message, () => takeBundle(device))
  return node('enc', { v: 2, type }, bytes)
}

/** With the key of the writer, which a device that has not got it gets beside the message. */
async function sealInGroup(state: WebState, device: Device, { by, message, envelope }: Written): Promise<Node[]> {
  const group = envelope.from ?? ''
  const key = groupKeyOf(state, group, by.number)
  const holder = signalAddress(device)
  const isHolder = key.holders.has(holder)
  key.holders.add(holder)
  const given = isHolder ? [] : [await sealAlone(device, { by, message: await distributionOf(key, group) })]
  return [...given, node('enc', { v: 2, type: 'skmsg' }, await key.seal(message))]
}

type Coming = { inbound: NetworkInbound; account: Account; by: Person }

async function messageOf(state: WebState, { inbound, account, by }: Coming): Promise<proto.IMessage> {
  const { content, business, phone, contextWireId, at, group } = inbound
  const addressing = addressingOf(state, phone.number, group)
  const [writer, reader] = [jidOf(addressing, by), jidOf(addressing, account.person)]
  const bubbleOf = (wireId: string) => state.network.chat(business, group ?? phone.number)?.bubbles.get(wireId)
  const keyOf = (wireId: string): proto.IMessageKey => {
    const author = bubbleOf(wireId)?.direction === 'to_phone' ? reader : writer
    const fromMe = author === writer
    return { remoteJid: group ?? reader, fromMe, id: wireId, ...(group !== undefined && { participant: author }) }
  }
  if (content.type === 'poll_vote') {
    const secret = state.messages.get(content.wireId)?.messageContextInfo?.messageSecret
    return sealVote({ ...content, key: keyOf(content.wireId), creator: reader, voter: writer, secret: secret ?? undefined, atMs: at })
  }
  const context =
    contextWireId === undefined ? undefined : contextOf(state, { contextWireId, author: keyOf(contextWireId).fromMe ? writer : reader })
  return toMessage({ content, context, keyOf, atMs: at }, { files: state.network.files, media: state.media })
}

function contextOf(
  { messages, written }: WebState,
  { contextWireId, author }: { contextWireId: string; author: string },
): proto.IContextInfo {
  const quotedMessage = messages.get(contextWireId) ?? written.get(contextWireId)?.message ?? { conversation: '' }
  return { stanzaId: contextWireId, participant: author, quotedMessage }
}

/** The attributes of the stanza: who, when, and the other name of whoever it is. */
function envelopeOf(state: WebState, { inbound, by }: Omit<Coming, 'account'>): Node['attrs'] {
  const { wireId, phone, at, group, content } = inbound
  const addressing = addressingOf(state, phone.number, group)
  const jid = jidOf(addressing, by)
  const place = group ?? (state.faults.listWriters.has(phone.number) ? LIST : undefined)
  const role = place === undefined ? 'sender' : 'participant'
  const other = addressing === 'number' ? { [`${role}_lid`]: by.lidJid } : addressing === 'lid' ? { [`${role}_pn`]: by.phoneJid } : {}
  return node('message', {
    ...(place === undefined ? { from: jid } : { from: place, participant: jid }),
    id: wireId,
    t: seconds(at),
    type: STANZA_TYPES[content.type] ?? 'text',
    notify: phone.profileName,
    ...(addressing !== 'number' && { addressing_mode: 'lid' }),
    ...other,
  }).attrs
}

const LIST = '1600000000@broadcast'

const STANZA_TYPES: Readonly<Record<string, string>> = {
  image: 'media',
  video: 'media',
  audio: 'media',
  voice: 'media',
  document: 'media',
  sticker: 'media',
  contacts: 'media',
  location: 'media',
  poll: 'poll',
  poll_vote: 'poll',
  reaction: 'reaction',
}

import type { proto } from 'baileys'
import type { InboundContent } from '#core/content'
import type { InboundMessage, Incoming } from '#core/transport'
import { known } from '#kit/lenient'
import { isLidJid, type Me, toAddress, userJid } from './addresses.ts'
import { readEnvelope } from './envelope.ts'
import { kindOf, toContent } from './inbound.wire.ts'
import type { Baileys } from './library.ts'
import { mentionedOf } from './mentions.ts'
import { readStanza, type Stanza } from './stanza.wire.ts'
import { type Unwrapped, unwrap } from './unwrap.ts'
import { type KnownPoll, readVote } from './votes.ts'
import { toWireId } from './wire-id.ts'
import { words } from './words.ts'

/** What the database knows and a vote needs. */
export type PollBook = { poll(wireId: string): Promise<KnownPoll | undefined> }

const NOTHING: Readonly<Incoming> = { messages: [], receipts: [], notices: [] }

/** What a kept message says. Throws only when the body is none of ours; what cannot be read is kept as unknown. */
export async function parseEnvelope(baileys: Baileys, book: PollBook, body: Buffer): Promise<Incoming> {
  const { attributes, me, message } = readEnvelope(body)
  const stanza = readStanza(attributes, me)
  if (!stanza) return NOTHING
  const read = decode(baileys, message)
  if (!read) return { ...NOTHING, messages: [toInbound(stanza, UNREADABLE, undefined)] }
  const found = await readMessage({ baileys, book, me }, stanza, read)
  return found ? { ...NOTHING, messages: [found] } : NOTHING
}

const UNREADABLE: InboundContent = { type: 'unknown', kind: 'unreadable', raw: {} }

function decode(baileys: Baileys, bytes: Uint8Array): proto.IMessage | undefined {
  try {
    return baileys.proto.Message.decode(bytes)
  } catch {
    return undefined
  }
}

type Reading = { baileys: Baileys; book: PollBook; me: Me }

/** One message as we keep it, with whom it is from; undefined: it is none. */
export async function readMessage(reading: Reading, stanza: Stanza, whole: proto.IMessage): Promise<InboundMessage | undefined> {
  try {
    return await readParts(reading, stanza, whole)
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    return toInbound(stanza, UNREADABLE, undefined) // parts nested without end, or of no shape: its neighbours are read all the same
  }
}

async function readParts({ baileys, book, me }: Reading, stanza: Stanza, whole: proto.IMessage): Promise<InboundMessage | undefined> {
  const unwrapped = unwrap(whole, stanza.mine)
  const { message, pinSeconds } = unwrapped
  const vote = message.pollUpdateMessage
  const content = vote
    ? await readVote({ baileys, poll: (wireId) => book.poll(wireId), me, voters: votersOf(stanza, me) }, vote)
    : toContent(message, pinSeconds)
  return content && toInbound(stanza, content, unwrapped)
}

/** Our own vote from another device is sealed under our own JIDs. */
const votersOf = ({ mine, author, person }: Stanza, me: Me): string[] => {
  const phone = person.waId && `${person.waId}@s.whatsapp.net`
  const jids = mine ? [author, userJid(me.id), userJid(me.lid)] : [author, phone, person.lid]
  return [...new Set(jids.flatMap((jid) => jid || []))]
}

function toInbound(stanza: Stanza, content: InboundContent, unwrapped: Unwrapped | undefined): InboundMessage {
  const { wireId, at, mine, group, person, author } = stanza
  const quoting = unwrapped && contextInfoOf(unwrapped.message)
  return {
    wireId,
    from: mine ? {} : person,
    at,
    content,
    ...(mine && { own: group === undefined ? { to: person } : {} }),
    ...known({
      repliesTo: toWireId(quoting?.stanzaId),
      group,
      context: contextOf(unwrapped, quoting, { participant: !mine && isLidJid(author) ? author : undefined }),
    }),
  }
}

/** Every kind keeps it in its own part. */
function contextInfoOf(message: proto.IMessage): proto.IContextInfo | undefined {
  const part: unknown = Object.entries(message).find(([name]) => name === kindOf(message))?.[1]
  const info = typeof part === 'object' && part !== null && 'contextInfo' in part ? part.contextInfo : undefined
  return info ? (info as proto.IContextInfo) : undefined // the field has this type wherever it is
}

const OFTEN_FORWARDED = 4
const QUOTE_MOST = 200

function contextOf(
  unwrapped: Unwrapped | undefined,
  info: proto.IContextInfo | undefined,
  facts: { participant: string | undefined },
): Record<string, unknown> | undefined {
  const mentions = mentionedOf(info?.mentionedJid)
  const context = known({
    ...facts,
    forwarded: info?.isForwarded || undefined,
    frequently_forwarded: (info?.forwardingScore ?? 0) >= OFTEN_FORWARDED || undefined,
    mentions: mentions.length > 0 ? mentions : undefined,
    quoted: info?.quotedMessage ? quotedOf(info) : undefined,
    viewOnce: unwrapped?.wrappers.some((name) => name.startsWith('viewOnce')) || undefined,
    expiresAfterSeconds: info?.expiration || undefined,
    live: unwrapped?.message.liveLocationMessage ? true : undefined,
    gif: unwrapped?.message.videoMessage?.gifPlayback || undefined,
  })
  return Object.keys(context).length > 0 ? context : undefined
}

/** The message answered, as whoever answers it claims it to be: in short, for what we do not hold ourselves. */
function quotedOf({ quotedMessage, participant }: proto.IContextInfo): Record<string, unknown> {
  const content = quotedMessage ? toContent(unwrap(quotedMessage, false).message) : undefined
  const said = content && ('text' in content ? content.text : 'caption' in content ? content.caption : undefined)
  return known({ type: content?.type, text: words(said, QUOTE_MOST), author: toAddress(participant) })
}

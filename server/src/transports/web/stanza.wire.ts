import type { Sender } from '#core/transport'
import { known } from '#kit/lenient'
import { isGroupJid, isLidJid, isMe, type Me, toSender, userJid } from './addresses.ts'
import { toWireId } from './wire-id.ts'
import { nameOf } from './words.ts'

/** Who said something where, as a stanza's attributes tell it. */
export type Stanza = {
  wireId: string
  at: Date
  /** We wrote it, on another device. */
  mine: boolean
  group: string | undefined
  /** Who wrote it: JID without device. */
  author: string
  /** The writer; of our own in a chat with one person: that person. */
  person: Sender
}

type Attributes = Readonly<Record<string, string>>

/** undefined: it is for nobody's chat (a status, a newsletter, a bot), or it claims to be what it cannot be. */
export function readStanza(attributes: Attributes, me: Me): Stanza | undefined {
  const { from = '' } = attributes
  const wireId = toWireId(attributes.id)
  if (wireId === undefined) return undefined
  const place = isGroupJid(from) || from.endsWith('@broadcast') ? placeOfMany(attributes, from, me) : placeOfTwo(attributes, from, me)
  return place && { wireId, at: timeOf(attributes.t) ?? new Date(), ...place }
}

type Place = Pick<Stanza, 'mine' | 'group' | 'author' | 'person'>

function placeOfMany(attributes: Attributes, from: string, me: Me): Place | undefined {
  const author = userJid(attributes.participant)
  if (author === undefined || from === 'status@broadcast') return undefined
  const mine = isMe(author, me)
  // a message to a list of people is a message to each; of our own we cannot say to whom
  if (!isGroupJid(from) && mine) return undefined
  return { mine, group: isGroupJid(from) ? from : undefined, author, person: writerOf(attributes, author) }
}

function placeOfTwo(attributes: Attributes, from: string, me: Me): Place | undefined {
  const author = userJid(from)
  if (author === undefined) return undefined
  const mine = isMe(author, me)
  const { recipient } = attributes
  if (!mine) return recipient === undefined ? { mine, group: undefined, author, person: writerOf(attributes, author) } : undefined
  const to = recipient === undefined ? author : userJid(recipient)
  return to === undefined ? undefined : { mine, group: undefined, author, person: readerOf(attributes, to) }
}

/** The other identity is told beside the one that the chat is addressed by. */
function writerOf(attributes: Attributes, author: string): Sender {
  const other = isLidJid(author)
    ? (attributes.participant_pn ?? attributes.sender_pn)
    : (attributes.participant_lid ?? attributes.sender_lid)
  return {
    ...toSender(author, other),
    ...known({
      username: nameOf(attributes.participant_username ?? attributes.sender_username),
      profileName: nameOf(attributes.notify),
    }),
  }
}

function readerOf(attributes: Attributes, to: string): Sender {
  const other = isLidJid(to)
    ? (attributes.peer_recipient_pn ?? attributes.recipient_pn)
    : (attributes.peer_recipient_lid ?? attributes.recipient_lid)
  return toSender(to, other)
}

/** Seconds since 1970. */
export function timeOf(seconds: unknown): Date | undefined {
  const told = typeof seconds === 'object' && seconds !== null ? String(seconds) : seconds // the library's long numbers
  const value = typeof told === 'string' && /^\d{1,11}$/.test(told) ? Number(told) : told
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 1e11 ? new Date(value * 1000) : undefined
}

import type { BaileysEventMap, Contact, LIDMapping, proto } from 'baileys'
import type { HistoryChat, Receipt, Sender } from '#core/transport'
import { isGroupJid, isMe, type Me, toSender, userJid } from './addresses.ts'
import type { Baileys } from './library.ts'
import { readMessage } from './parse.ts'
import { type Stanza, timeOf } from './stanza.wire.ts'
import { toWireId } from './wire-id.ts'
import { nameOf } from './words.ts'

export type HistoryBounds = { chats: number; messages: number }
export const HISTORY_BOUNDS: HistoryBounds = { chats: 50, messages: 50 }
const PEOPLE_MOST = 5_000

type Told = BaileysEventMap['messaging-history.set']
type WholeMessage = proto.IWebMessageInfo

/** How much of each chat was taken already: a history comes in parts. */
export type Taken = Map<string, number>

/** The chats spoken in last, and what was said there last, oldest first. A message that cannot be read is left out, and told to `failed`. */
export async function toHistory(
  { baileys, me }: { baileys: Baileys; me: Me },
  { chats, messages }: Pick<Told, 'chats' | 'messages'>,
  { bounds, taken, failed }: { bounds: HistoryBounds; taken: Taken; failed(error: unknown): void },
): Promise<HistoryChat[]> {
  const byChat = Map.groupBy(messages, ({ key }) => key.remoteJid ?? '')
  const latest = [...chats].sort((a, b) => secondsOf(b.conversationTimestamp) - secondsOf(a.conversationTimestamp))
  const found: HistoryChat[] = []
  for (const chat of latest) {
    const { id } = chat
    const place = id && placeOf(id, [chat.pnJid, chat.lidJid])
    if (!id || !place || (!taken.has(id) && taken.size >= bounds.chats)) continue
    const said = byChat.get(id) ?? []
    const before = taken.get(id) ?? 0
    const room = Math.max(0, Math.min(bounds.messages - before, said.length))
    taken.set(id, before + room) // before anything is waited for: parts of a history are read side by side
    const read = room > 0 ? await readAll({ baileys, me }, said, { place, room, failed }) : []
    taken.set(id, (taken.get(id) ?? 0) - (room - read.length))
    found.push({ with: place, unread: Math.max(0, chat.unreadCount ?? 0), archived: chat.archived === true, messages: read })
  }
  return found
}

function placeOf(jid: string, others: readonly (string | null | undefined)[]): HistoryChat['with'] | undefined {
  if (isGroupJid(jid)) return { group: jid }
  return userJid(jid) === undefined ? undefined : { person: toSender(jid, ...others) }
}

type Place = { place: HistoryChat['with']; room: number; failed(error: unknown): void }

async function readAll(
  reading: { baileys: Baileys; me: Me },
  messages: readonly WholeMessage[],
  { place, room, failed }: Place,
): Promise<HistoryChat['messages']> {
  const newest = [...messages].sort((a, b) => secondsOf(b.messageTimestamp) - secondsOf(a.messageTimestamp))
  const found: HistoryChat['messages'] = []
  for (const whole of newest) {
    if (found.length >= room) break
    const message = await readOne(reading, whole, place).catch(failed)
    if (message) found.push(message)
  }
  return found.reverse()
}

async function readOne(
  reading: { baileys: Baileys; me: Me },
  whole: WholeMessage,
  place: HistoryChat['with'],
): Promise<HistoryChat['messages'][number] | undefined> {
  const stanza = toStanza(whole, place, reading.me)
  const message = stanza && whole.message ? await readMessage({ ...reading, book: NO_POLLS }, stanza, whole.message) : undefined
  const state = message?.own && STATES[whole.status ?? -1]
  return message && { ...message, ...(state && { state }) }
}

/** What was voted before the number was linked cannot be opened. */
const NO_POLLS = { poll: async () => undefined }
const STATES: readonly (Receipt['state'] | undefined)[] = ['failed', undefined, 'sent', 'delivered', 'read', 'played']

function toStanza({ key, messageTimestamp, participant, pushName }: WholeMessage, place: HistoryChat['with'], me: Me): Stanza | undefined {
  const at = timeOf(messageTimestamp)
  const wireId = toWireId(key?.id)
  if (!at || wireId === undefined) return undefined
  const mine = key?.fromMe === true
  const author = mine
    ? userJid(me.id)
    : (userJid(key?.participant ?? participant) ?? ('person' in place ? userJid(key?.remoteJid) : undefined))
  if (author === undefined || (!mine && isMe(author, me))) return undefined
  const profileName = nameOf(pushName)
  const writer = 'person' in place ? place.person : toSender(author)
  return {
    wireId,
    at,
    mine,
    group: 'group' in place ? place.group : undefined,
    author,
    person: mine ? writer : { ...writer, ...(profileName && { profileName }) },
  }
}

const secondsOf = (time: unknown): number => timeOf(time)?.getTime() ?? 0

/** Who is who, from an address book, a history or the network. Only what says more than one thing of somebody. */
export function toPeople(contacts: readonly Partial<Contact>[], pairs: readonly LIDMapping[], me: Me): Sender[] {
  const named = contacts.map(({ id, lid, phoneNumber, notify, verifiedName, name, username }): Sender => {
    const profileName = nameOf(notify ?? verifiedName ?? name)
    const handle = nameOf(username)
    return { ...toSender(id, phoneNumber, lid), ...(profileName && { profileName }), ...(handle && { username: handle }) }
  })
  const paired = pairs.map(({ lid, pn }) => toSender(lid, pn))
  return [...named, ...paired].filter((one) => saysMore(one) && !isMe(one.lid ?? `${one.waId}@s.whatsapp.net`, me)).slice(0, PEOPLE_MOST)
}

const saysMore = ({ phone, lid, profileName, username }: Sender): boolean =>
  [phone, lid].some((known) => known !== undefined) && [phone, lid, profileName, username].filter((known) => known !== undefined).length > 1

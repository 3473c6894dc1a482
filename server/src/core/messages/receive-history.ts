import type { HistoryChat } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, databaseTime, inTransaction } from '#kit/db'
import { idAt, newId } from '#kit/ids'
import type { Heard, HeardRow } from './heard.ts'
import { placeHeard } from './place-heard.ts'
import { type HistoryPlace, settleConversations } from './receive-history.store.ts'
import { takeFresh } from './take-fresh.ts'
import { writeHeard } from './write-heard.ts'

type Channel = { workspaceId: string; id: string }
type Parts = { database: Database; events: Ports['events'] }

/** Messages with the chats they stand in; those of one chat oldest first. */
export type HistoryPage = { chat: HistoryChat; message: HistoryChat['messages'][number] }[]

/** Files that a network has thrown away by then are not asked for. */
const FILES_DAYS = 14
const DAY_MS = 86_400_000

/**
 * Keeps what was said before a number was linked, at its own times and once: no message is told as new, nobody is obeyed. A conversation in which
 * nobody has written to us yet, as far as we know, takes over what the phone says of it.
 */
export async function receiveHistory({ database, events }: Parts, channel: Channel, page: HistoryPage): Promise<void> {
  const raised = await inTransaction(database.engine, {}, async (db) => {
    const now = await databaseTime(db)
    const heard = dated(page, now)
    const { fresh } = await takeFresh(db, channel, heard)
    if (fresh.length === 0) return []
    const { rows, newConversations } = await placeHeard(db, channel, fresh, { names: 'fill' })
    await settleConversations(
      db,
      placesOf(rows, { chatOf: new Map(heard.map(({ id }, i) => [id, page[i]?.chat])), made: new Set(newConversations) }),
    )
    const kept = rows.map((row) => (row.at.getTime() < now - FILES_DAYS * DAY_MS ? withoutFile(row) : row))
    await writeHeard(db, channel, { rows: kept, origin: 'phone' })
    const told = [historyEvent(channel, rows)]
    events.append(db, told)
    return told
  })
  if (raised.length > 0) events.hint(raised)
}

/** Ids of their own times, since lists are ordered by ids; of one instant, the later in its chat is the later. */
function dated(page: HistoryPage, now: number): Heard[] {
  const before = new Map<string, number>()
  const chats = new Map<HistoryChat, number>()
  return page.map(({ chat, message }) => {
    const at = Math.min(message.at.getTime(), now)
    if (!Number.isFinite(at) || at < 0) throw new RangeError('a message of no time')
    if (!chats.has(chat)) chats.set(chat, chats.size)
    const instant = `${chats.get(chat)} ${at}`
    const earlier = before.get(instant) ?? 0
    before.set(instant, earlier + 1)
    return { message: { ...inChat(chat, message), at: new Date(at) }, id: idAt(new Date(at + Math.min(earlier, 999))) }
  })
}

/** The chat says with whom, whatever its messages leave out. */
function inChat({ with: whom }: HistoryChat, message: HistoryPage[number]['message']): HistoryPage[number]['message'] {
  if ('group' in whom) return { ...message, group: whom.group }
  if (message.own) return { ...message, own: { to: { ...whom.person, ...message.own.to } } }
  return { ...message, from: { ...whom.person, ...message.from } }
}

/** What the page says of each conversation. */
function placesOf(
  rows: readonly HeardRow[],
  { chatOf, made }: { chatOf: ReadonlyMap<string, HistoryChat | undefined>; made: ReadonlySet<string> },
): HistoryPlace[] {
  const byConversation = Map.groupBy(rows, ({ conversationId }) => conversationId)
  return [...byConversation].map(([id, those]) => {
    const chat = chatOf.get(those[0]?.id ?? '')
    return {
      id,
      isNew: made.has(id),
      unread: Math.min(Math.max(Math.trunc(chat?.unread || 0), 0), UNREAD_MOST),
      archived: chat?.archived ?? false,
      lastAt: latest(those),
      lastInboundAt: latest(those.filter(({ direction }) => direction === 'in')),
    }
  })
}

const UNREAD_MOST = 100_000

const latest = (rows: readonly HeardRow[]): Date | undefined =>
  rows.reduce<Date | undefined>((last, { at }) => (last && last > at ? last : at), undefined)

const withoutFile = (row: HeardRow): HeardRow =>
  'remoteMedia' in row.content ? { ...row, content: { ...row.content, mediaMissing: 'not_found' } } : row

const historyEvent = ({ workspaceId, id }: Channel, rows: readonly HeardRow[]): RaisedEvent => ({
  id: newId(),
  workspaceId,
  type: 'channel.history',
  subjects: { channelId: id },
  facts: { chats: new Set(rows.map(({ conversationId }) => conversationId)).size, messages: rows.length },
})

import type { ChatMarks, LastMessage, ReadMessages } from '#core/transport'
import { all, type Db, first, sql } from '#kit/db'
import type { Conversation, ConversationState } from './conversation.ts'
import { type ConversationFilter, conversationConditions } from './conversation-filter.store.ts'

type ConversationRow = {
  id: string
  number: number
  workspace_id: string
  channel_id: string
  contact_id: string | null
  address: string
  state: ConversationState
  unread: number
  last_inbound_at: Date | null
  last_message_at: Date
  archived_at: Date | null
  pinned_at: Date | null
  marked_unread: boolean
  created_at: Date
}

const CONVERSATION_COLUMNS = sql.raw(
  `v.id, v.number, v.workspace_id, v.channel_id, v.contact_id, v.address, v.state, v.unread, v.last_inbound_at, v.last_message_at, v.archived_at, v.pinned_at,
   v.marked_unread, v.created_at`,
)

const toConversation = (row: ConversationRow): Conversation => ({
  id: row.id,
  number: row.number,
  workspaceId: row.workspace_id,
  channelId: row.channel_id,
  contactId: row.contact_id ?? undefined,
  address: row.address,
  state: row.state,
  unread: row.unread,
  lastInboundAt: row.last_inbound_at ?? undefined,
  lastMessageAt: row.last_message_at,
  archivedAt: row.archived_at ?? undefined,
  pinnedAt: row.pinned_at ?? undefined,
  markedUnread: row.marked_unread,
  createdAt: row.created_at,
})

/** The conversations that are there, in no order. */
export async function findConversations(db: Db, workspaceId: string, conversationIds: readonly string[]): Promise<Conversation[]> {
  const rows = await all(
    db,
    sql<ConversationRow>`select ${CONVERSATION_COLUMNS} from conversations v where v.workspace_id = ${workspaceId} and v.id = any(${conversationIds}::uuid[])`,
  )
  return rows.map(toConversation)
}

/** When this person last wrote to this channel. */
export async function findLastInboundAt(db: Db, { channelId, address }: { channelId: string; address: string }): Promise<Date | undefined> {
  const row = await first(
    db,
    sql<{ at: Date | null }>`select last_inbound_at as at from conversations where channel_id = ${channelId} and address = ${address}`,
  )
  return row?.at ?? undefined
}

/** With one channel every address has one conversation. */
export async function hasSeveralChannels(db: Db, workspaceId: string): Promise<boolean> {
  const row = await first(
    db,
    sql<{ several: boolean }>`select count(*) > 1 as several from (select 1 from channels where workspace_id = ${workspaceId} limit 2) c`,
  )
  return row?.several ?? false
}

/** The conversation at one of these addresses; of several channels' the one with the latest message. */
export async function findAtAddresses(db: Db, workspaceId: string, addresses: readonly string[]): Promise<Conversation | undefined> {
  const row = await first(
    db,
    sql<ConversationRow>`select ${CONVERSATION_COLUMNS} from channels c join conversations v on v.channel_id = c.id and v.address = any(${addresses}::text[])
      where c.workspace_id = ${workspaceId} order by v.last_message_at desc, v.id desc limit 1`,
  )
  return row && toConversation(row)
}

/** A place in the list: microseconds since 1970 of the last message, then the id. */
export type ConversationCursor = readonly [microseconds: number, id: string]

export type ConversationWindow = {
  order: 'latest' | 'earliest'
  limit: number
  after: ConversationCursor | undefined
  skip: number | undefined
}

/** By their latest message, one more than the limit, each with its place. */
export async function selectConversations(
  db: Db,
  workspaceId: string,
  filter: ConversationFilter,
  { order, limit, after, skip = 0 }: ConversationWindow,
): Promise<{ conversation: Conversation; cursor: ConversationCursor }[]> {
  const direction = sql.raw(order === 'latest' ? 'desc' : 'asc')
  const beyond = after
    ? sql`and (v.last_message_at, v.id) ${sql.raw(order === 'latest' ? '<' : '>')} (timestamptz 'epoch' + ${after[0]}::double precision * interval '1 microsecond', ${after[1]}::uuid)`
    : sql``
  const rows = await all(
    db,
    sql<
      ConversationRow & { microseconds: number }
    >`select ${CONVERSATION_COLUMNS}, (extract(epoch from v.last_message_at) * 1000000)::bigint as microseconds
      from conversations v where ${conversationConditions(workspaceId, filter)} ${beyond}
      order by v.last_message_at ${direction}, v.id ${direction} limit ${limit + 1} offset ${skip}`,
  )
  return rows.map((row) => ({ conversation: toConversation(row), cursor: [row.microseconds, row.id] }))
}

export async function countConversations(db: Db, workspaceId: string, filter: ConversationFilter): Promise<number> {
  const row = await first(
    db,
    sql<{ count: number }>`select count(*) as count from conversations v where ${conversationConditions(workspaceId, filter, true)}`,
  )
  return row?.count ?? 0
}

/** What is given; who archived or pinned first keeps his time. */
function marked({ archived, pinned, markedUnread }: ChatMarks) {
  const since = (column: 'archived_at' | 'pinned_at', is: boolean | undefined) =>
    sql`case when ${is ?? null}::boolean is null then ${sql.raw(column)} when ${is ?? null} then coalesce(${sql.raw(column)}, chasqui_now()) end`
  return sql`archived_at = ${since('archived_at', archived)}, pinned_at = ${since('pinned_at', pinned)}, marked_unread = coalesce(${markedUnread ?? null}, marked_unread)`
}

/** undefined: no such conversation. */
export async function updateMarks(
  db: Db,
  workspaceId: string,
  conversationId: string,
  marks: ChatMarks,
): Promise<Conversation | undefined> {
  const row = await first(
    db,
    sql<ConversationRow>`update conversations v set ${marked(marks)}
      where v.workspace_id = ${workspaceId} and v.id = ${conversationId} returning ${CONVERSATION_COLUMNS}`,
  )
  return row && toConversation(row)
}

/** What a phone says of its chat at one of these addresses. Answers those that were otherwise until now. */
export async function updateHeardMarks(
  db: Db,
  channel: { workspaceId: string; id: string },
  addresses: readonly string[],
  marks: ChatMarks,
): Promise<string[]> {
  const { archived = null, pinned = null, markedUnread = null } = marks
  const rows = await all(
    db,
    sql<{ id: string }>`update conversations v set ${marked(marks)}
      where v.workspace_id = ${channel.workspaceId} and v.channel_id = ${channel.id} and v.address = any(${addresses}::text[]) and (
        ${archived}::boolean <> (v.archived_at is not null) or ${pinned}::boolean <> (v.pinned_at is not null) or ${markedUnread}::boolean <> v.marked_unread
      ) returning v.id`,
  )
  return rows.map(({ id }) => id)
}

/** Marks all as read; answers the conversation and how many were unread before. undefined: no such conversation. */
export async function updateRead(
  db: Db,
  workspaceId: string,
  conversationId: string,
): Promise<{ conversation: Conversation; unreadBefore: number } | undefined> {
  const row = await first(
    db,
    sql<ConversationRow & { unread_before: number }>`
      with before as (select id as before_id, unread as unread_before from conversations where workspace_id = ${workspaceId} and id = ${conversationId} for update)
      update conversations v set unread = 0, marked_unread = false from before where v.id = before_id returning ${CONVERSATION_COLUMNS}, unread_before`,
  )
  return row && { conversation: toConversation(row), unreadBefore: row.unread_before }
}

/** The newest message that the network has. */
export async function findLastMessage(
  db: Db,
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
): Promise<LastMessage | undefined> {
  const row = await first(
    db,
    sql<{ wireId: string; fromMe: boolean; author: string | null; at: Date }>`select wire_id as "wireId", direction = 'out' as "fromMe",
        coalesce(facts ->> 'participant', facts ->> 'sender') as author, coalesce(sent_at, created_at) as at from messages
      where conversation_id = ${conversationId} and workspace_id = ${workspaceId} and wire_id is not null order by id desc limit 1`,
  )
  return row && { ...row, author: row.author ?? undefined }
}

/** The newest messages of others, newest first, by the network's id, with who wrote them as the road told it. */
export async function findLastInbound(
  db: Db,
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
  most: number,
): Promise<ReadMessages['messages']> {
  const rows = await all(
    db,
    sql<{
      wireId: string
      author: string | null
    }>`select wire_id as "wireId", coalesce(facts ->> 'participant', facts ->> 'sender') as author from messages
      where conversation_id = ${conversationId} and workspace_id = ${workspaceId} and direction = 'in' and wire_id is not null order by id desc limit ${most}`,
  )
  return rows.map(({ wireId, author }) => ({ wireId, author: author ?? undefined }))
}

import { all, type Db, first, type RawBuilder, sql } from '#kit/db'
import type { Conversation, ConversationState } from './conversation.ts'

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
  created_at: Date
}

const CONVERSATION_COLUMNS = sql.raw(
  'id, number, workspace_id, channel_id, contact_id, address, state, unread, last_inbound_at, last_message_at, created_at',
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
  createdAt: row.created_at,
})

/** The conversations that are there, in no order. */
export async function findConversations(db: Db, workspaceId: string, conversationIds: readonly string[]): Promise<Conversation[]> {
  const rows = await all(
    db,
    sql<ConversationRow>`select ${CONVERSATION_COLUMNS} from conversations where workspace_id = ${workspaceId} and id = any(${conversationIds}::uuid[])`,
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

export type ConversationFilter = { state: ConversationState | undefined; channelId: string | undefined; contactId: string | undefined }

/** A place in the list: microseconds since 1970 of the last message, then the id. */
export type ConversationCursor = readonly [microseconds: number, id: string]

export type ConversationWindow = { limit: number; after: ConversationCursor | undefined }

/** Those with the latest message first, one more than the limit, each with its place. */
export async function selectConversations(
  db: Db,
  workspaceId: string,
  { state, channelId, contactId, limit, after }: ConversationFilter & ConversationWindow,
): Promise<{ conversation: Conversation; cursor: ConversationCursor }[]> {
  const parts: RawBuilder<unknown>[] = [sql`workspace_id = ${workspaceId}`]
  if (state) parts.push(sql`state = ${state}`)
  if (channelId) parts.push(sql`channel_id = ${channelId}`)
  if (contactId) parts.push(sql`contact_id = ${contactId}`)
  if (after)
    parts.push(
      sql`(last_message_at, id) < (timestamptz 'epoch' + ${after[0]}::double precision * interval '1 microsecond', ${after[1]}::uuid)`,
    )
  const rows = await all(
    db,
    sql<
      ConversationRow & { microseconds: number }
    >`select ${CONVERSATION_COLUMNS}, (extract(epoch from last_message_at) * 1000000)::bigint as microseconds
      from conversations where ${sql.join(parts, sql` and `)} order by last_message_at desc, id desc limit ${limit + 1}`,
  )
  return rows.map((row) => ({ conversation: toConversation(row), cursor: [row.microseconds, row.id] }))
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
      update conversations set unread = 0 from before where id = before_id returning ${CONVERSATION_COLUMNS}, unread_before`,
  )
  return row && { conversation: toConversation(row), unreadBefore: row.unread_before }
}

/** What the person wrote last, by the network's id. */
export async function findLastInbound(db: Db, workspaceId: string, conversationId: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ wire_id: string | null }>`select wire_id from messages
      where conversation_id = ${conversationId} and workspace_id = ${workspaceId} and direction = 'in' order by id desc limit 1`,
  )
  return row?.wire_id ?? undefined
}

import type { Content, InboundContent } from '#core/content'
import { all, type Db, first, json, run, sql } from '#kit/db'
import { isMadeHere, LANES, type MadeMessage, type Message, type Origin } from './message.ts'
import { conditions, type MessageFilter } from './message-filter.store.ts'
import type { MessageState } from './message-state.ts'

/** A row of messages as PostgreSQL gives it. */
export type MessageRow = {
  workspace_id: string
  id: string
  number: number
  direction: 'in' | 'out'
  channel_id: string
  conversation_id: string
  contact_id: string | null
  campaign_id: string | null
  address: string
  state: MessageState
  content: unknown
  lane: number
  category: string | null
  send_at: Date | null
  expires_at: Date | null
  attempt: number
  wire_id: string | null
  reply_to: string | null
  callback_url: string | null
  tag: string | null
  metadata: Record<string, unknown> | null
  facts: Record<string, unknown> | null
  door: string | null
  origin: string
  recurrence_id: string | null
  code: string | null
  reason: string | null
  advice: string | null
  created_at: Date
  sending_at: Date | null
  sent_at: Date | null
  delivered_at: Date | null
  read_at: Date | null
  played_at: Date | null
  ended_at: Date | null
  edited_at: Date | null
}

const MESSAGE_COLUMNS = sql.raw(
  `m.workspace_id, m.id, m.number, m.direction, m.channel_id, m.conversation_id, m.contact_id, m.campaign_id, m.address, m.state, m.content, m.lane, m.category,
   m.send_at, m.expires_at, m.attempt, m.wire_id, m.reply_to, m.callback_url, m.tag, m.metadata, m.facts, m.door, m.origin, m.recurrence_id, m.code, m.reason, m.advice,
   m.created_at, m.sending_at, m.sent_at, m.delivered_at, m.read_at, m.played_at, m.ended_at, m.edited_at`,
)

const given = <T>(value: T | null): T | undefined => value ?? undefined

function toMessage(row: MessageRow): Message {
  const common = {
    id: row.id,
    number: row.number,
    workspaceId: row.workspace_id,
    channelId: row.channel_id,
    conversationId: row.conversation_id,
    contactId: given(row.contact_id),
    campaignId: given(row.campaign_id),
    address: row.address,
    wireId: given(row.wire_id),
    replyTo: given(row.reply_to),
    createdAt: row.created_at,
    facts: given(row.facts),
  }
  if (row.direction === 'in') return { ...common, direction: 'in', state: 'received', content: row.content as InboundContent } // written by receive-messages
  return {
    ...common,
    direction: 'out',
    state: row.state as Exclude<MessageState, 'received'>, // the check on direction above
    content: row.content as Content | InboundContent, // parsed before it was written
    lane: LANES[row.lane] ?? 'transactional',
    category: given(row.category),
    sendAt: given(row.send_at),
    expiresAt: given(row.expires_at),
    attempt: row.attempt,
    callbackUrl: given(row.callback_url),
    tag: given(row.tag),
    metadata: given(row.metadata),
    door: given(row.door),
    origin: row.origin as Origin, // written by accept
    recurrenceId: given(row.recurrence_id),
    failure: row.code === null ? undefined : { code: row.code, reason: row.reason ?? row.code, advice: given(row.advice) },
    sendingAt: given(row.sending_at),
    sentAt: given(row.sent_at),
    deliveredAt: given(row.delivered_at),
    readAt: given(row.read_at),
    playedAt: given(row.played_at),
    endedAt: given(row.ended_at),
    editedAt: given(row.edited_at),
  }
}

export async function findMessages(db: Db, workspaceId: string, ids: readonly string[]): Promise<Message[]> {
  const rows = await all(
    db,
    sql<MessageRow>`select ${MESSAGE_COLUMNS} from messages m where m.workspace_id = ${workspaceId} and m.id = any(${ids}::uuid[])`,
  )
  return rows.map(toMessage)
}

export async function findMessage(db: Db, workspaceId: string, id: string): Promise<Message | undefined> {
  return (await findMessages(db, workspaceId, [id]))[0]
}

/** The messages behind networks' ids; one id may stand in several channels. */
export async function findMessagesByWireIds(db: Db, workspaceId: string, wireIds: readonly string[]): Promise<Message[]> {
  const rows = await all(
    db,
    sql<MessageRow>`select ${MESSAGE_COLUMNS} from channels c cross join unnest(${wireIds}::text[]) as k(wire_id)
      cross join lateral (select workspace_id, message_id from wire_ids where workspace_id = c.workspace_id and channel_id = c.id and wire_id = k.wire_id limit 1) w
      join messages m on m.workspace_id = w.workspace_id and m.id = w.message_id
      where c.workspace_id = ${workspaceId}`,
  )
  return rows.map(toMessage)
}

export async function lockMessage(db: Db, workspaceId: string, id: string): Promise<Message | undefined> {
  const row = await first(
    db,
    sql<MessageRow>`select ${MESSAGE_COLUMNS} from messages m where m.workspace_id = ${workspaceId} and m.id = ${id} for update`,
  )
  return row && toMessage(row)
}

/** Messages that stand behind another one and have not started, locked in order; made after it. */
export async function lockFollowers(db: Db, workspaceId: string, id: string): Promise<MadeMessage[]> {
  const rows = await all(
    db,
    sql<MessageRow>`select ${MESSAGE_COLUMNS} from messages m
      where m.workspace_id = ${workspaceId} and m.follows = ${id} and m.id > ${id} and m.state = 'scheduled' order by m.id for update`,
  )
  return rows.map(toMessage).filter(isMadeHere)
}

export type MessageOrder = 'asc' | 'desc'
export type MessageWindow = { order: MessageOrder; limit: number; after?: string | undefined; skip?: number | undefined }

/** Newest (or oldest) first by id, which is by time of making; one row more than the limit tells that there are more. */
export async function selectMessages(db: Db, workspaceId: string, filter: MessageFilter, window: MessageWindow): Promise<Message[]> {
  const { order, limit, after, skip } = window
  const ascending = order === 'asc'
  const beyond = after === undefined ? sql`` : ascending ? sql`and m.id > ${after}` : sql`and m.id < ${after}`
  const rows = await all(
    db,
    sql<MessageRow>`select ${MESSAGE_COLUMNS} from messages m where ${conditions(workspaceId, filter)} ${beyond}
      order by m.id ${ascending ? sql`asc` : sql`desc`} limit ${limit + 1} offset ${skip ?? 0}`,
  )
  return rows.map(toMessage)
}

/** The messages that are not settled, found by what is still to be done; undefined when there are more than `most`. */
export async function findUnsettledIds(db: Db, workspaceId: string, most: number): Promise<string[] | undefined> {
  const rows = await all(
    db,
    sql<{ subject: string }>`select o.subject from queues q
      cross join lateral (select o.subject from outbox o where o.kind = 'send' and o.queue_id = q.id limit ${most + 1}) o
      where q.workspace_id = ${workspaceId} limit ${most + 1}`,
  )
  return rows.length > most ? undefined : rows.map(({ subject }) => subject)
}

export async function countMessages(db: Db, workspaceId: string, filter: MessageFilter): Promise<number> {
  const row = await first(db, sql<{ count: number }>`select count(*) as count from messages m where ${conditions(workspaceId, filter)}`)
  return row?.count ?? 0
}

export type Edit = {
  content: Content
  sendAt: Date | undefined
  tag: string | undefined
  replyTo: string | undefined
  targetWireId: string | undefined
  facts: Message['facts']
}

/** Writes an edit to a message that its caller has locked and found waiting; re-dates what is to be done. */
export async function updateWaiting(db: Db, message: Message, edit: Edit, now: Date): Promise<void> {
  const dueAt = edit.sendAt ?? now
  await run(
    db,
    sql`update messages set content = ${JSON.stringify(edit.content)}::jsonb, send_at = ${edit.sendAt ?? null}, tag = ${edit.tag ?? null},
      reply_to = ${edit.replyTo ?? null}, target_wire_id = ${edit.targetWireId ?? null},
      facts = ${edit.facts ? json(edit.facts) : null}::jsonb, edited_at = ${now}
      where workspace_id = ${message.workspaceId} and id = ${message.id}`,
  )
  await run(
    db,
    sql`update outbox set due_at = ${dueAt}, order_at = case when ${edit.sendAt ?? null}::timestamptz is null then order_at else ${dueAt} end,
      lease_until = null, claim = null, parked = false, in_line = false where kind = 'send' and subject = ${message.id} and workspace_id = ${message.workspaceId}`,
  )
}

export async function markCancelled(db: Db, message: Message, now: Date): Promise<void> {
  await run(
    db,
    sql`update messages set state = 'cancelled', ended_at = ${now} where workspace_id = ${message.workspaceId} and id = ${message.id}`,
  )
  await run(db, sql`delete from outbox where kind = 'send' and subject = ${message.id} and workspace_id = ${message.workspaceId}`)
}

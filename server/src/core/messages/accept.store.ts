import { all, type Db, first, run, sql } from '#kit/db'
import { areThese } from './message-changes.store.ts'
import type { NewMessage } from './new-message.ts'

export type InsertedMessage = { id: string; number: number }

/** Messages and what is to be done with them, in one statement; ids are ours, so a repeat after a lost answer adds nothing. */
export async function insertAccepted(db: Db, messages: readonly NewMessage[]): Promise<Map<string, number>> {
  if (messages.length === 0) return new Map()
  const column = <Value>(pick: (message: NewMessage) => Value) => messages.map(pick)
  const inserted = await all(
    db,
    sql<InsertedMessage>`
    with input as (
      select * from unnest(
        ${column((m) => m.id)}::uuid[], ${column((m) => m.workspaceId)}::uuid[], ${column((m) => m.channelId)}::uuid[],
        ${column((m) => m.conversationId)}::uuid[], ${column((m) => m.contactId ?? null)}::uuid[], ${column((m) => m.address)}::text[],
        ${column((m) => m.content)}::text[], ${column((m) => m.lane)}::smallint[], ${column((m) => m.queueId)}::bigint[],
        ${column((m) => m.sendAt ?? null)}::timestamptz[], ${column((m) => m.createdAt)}::timestamptz[], ${column((m) => m.awaited)}::boolean[],
        ${column((m) => m.options)}::text[], ${column((m) => m.notBefore ?? m.sendAt ?? m.createdAt)}::timestamptz[]
      ) with ordinality as t(id, workspace_id, channel_id, conversation_id, contact_id, address, content, lane, queue_id, send_at, created_at, awaited, options, due_at, place)
    ), message as (
      insert into messages (workspace_id, id, direction, channel_id, conversation_id, contact_id, address, state, content, lane, send_at, created_at,
        category, expires_at, late_seconds, late_action, on_unknown, outside_window, reply_to, target_wire_id, callback_url, tag, metadata, door, origin, key_id, follows, campaign_id, recurrence_id)
      select i.workspace_id, i.id, 'out', i.channel_id, i.conversation_id, i.contact_id, i.address, 'scheduled', i.content::jsonb, i.lane, i.send_at, i.created_at,
        o.category, o.expires_at, o.late_seconds, o.late_action, o.on_unknown, o.outside_window, o.reply_to, o.target_wire_id, o.callback_url, o.tag, o.metadata, o.door, o.origin, o.key_id, o.follows, o.campaign_id, o.recurrence_id
      from input i cross join lateral jsonb_to_record(i.options::jsonb) as o(category text, expires_at timestamptz, late_seconds integer, late_action text,
        on_unknown text, outside_window text, reply_to uuid, target_wire_id text, callback_url text, tag text, metadata jsonb, door text, origin text, key_id uuid, follows uuid, campaign_id uuid, recurrence_id uuid)
      order by i.place
      on conflict do nothing returning id, number
    ), work as (
      insert into outbox (kind, subject, workspace_id, queue_id, conversation_id, lane, order_at, due_at, awaited)
      select 'send', i.id, i.workspace_id, i.queue_id, i.conversation_id, i.lane, coalesce(i.send_at, t.at), i.due_at, i.awaited
      from input i cross join lateral (select chasqui_now() + i.place * interval '1 microsecond' as at) t
      order by i.place
      on conflict do nothing
    )
    select id, number from message`,
  )
  return new Map(inserted.map(({ id, number }) => [id, number]))
}

/** Which of these messages are there, with their numbers. */
export async function existingMessages(db: Db, messages: readonly Pick<NewMessage, 'id' | 'workspaceId'>[]): Promise<Map<string, number>> {
  const rows = await all(db, sql<InsertedMessage>`select m.id, m.number from messages m where ${areThese(messages)}`)
  return new Map(rows.map(({ id, number }) => [id, number]))
}

export type KeyClaim = { workspaceId: string; key: string; fingerprint: Buffer; subject: string; note: Buffer | null }

/** Takes idempotency keys for new messages, in order; a key that another transaction is writing is waited for. Answers the keys taken. */
export async function takeKeys(db: Db, claims: readonly KeyClaim[], now: Date): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{ workspace_id: string; key: string }>`
      insert into idempotency_keys as k (workspace_id, key, fingerprint, subject, note, created_at)
      select *, ${now}::timestamptz from unnest(${claims.map((c) => c.workspaceId)}::uuid[], ${claims.map((c) => c.key)}::text[],
        ${claims.map((c) => c.fingerprint)}::bytea[], ${claims.map((c) => c.subject)}::uuid[], ${claims.map((c) => c.note)}::bytea[]) order by 1, 2
      on conflict (workspace_id, key) do update set fingerprint = excluded.fingerprint, subject = excluded.subject, note = excluded.note, answer = null, status = null, created_at = excluded.created_at
        where k.created_at < ${now}::timestamptz - interval '24 hours'
      returning k.workspace_id, k.key`,
  )
  return new Set(rows.map((row) => `${row.workspace_id} ${row.key}`))
}

/** A key that is still live at `now`, with what it made. */
export async function findKey(
  db: Db,
  workspaceId: string,
  { key, now }: { key: string; now: Date },
): Promise<{ fingerprint: Buffer; subject: string | null; note: Buffer | null } | undefined> {
  return first(
    db,
    sql<{
      fingerprint: Buffer
      subject: string | null
      note: Buffer | null
    }>`select fingerprint, subject, note from idempotency_keys
      where workspace_id = ${workspaceId} and key = ${key} and created_at >= ${now}::timestamptz - interval '24 hours'`,
  )
}

/** Messages of a workspace that wait for a future time, a recurrence counting as one, no further than `most`; the workspace is locked until the transaction ends. */
export async function countWaiting(db: Db, workspaceId: string, most: number): Promise<number> {
  await run(db, sql`select pg_advisory_xact_lock(hashtextextended(${workspaceId}, 1))`)
  const row = await first(
    db,
    sql<{ count: number }>`select count(*) as count from (
      select 1 from queues q join outbox o on o.kind = 'send' and o.queue_id = q.id and o.due_at > chasqui_now() where q.workspace_id = ${workspaceId}
      union all select 1 from recurrences where workspace_id = ${workspaceId} and state = 'active' limit ${most}) waiting`,
  )
  return row?.count ?? 0
}

/** Wakes queues: their next look is no later than this. Unconditional, so that no race with a claim can lose it. `word` is told to all nodes. */
export async function touchQueues(db: Db, dues: ReadonlyMap<number, Date>, word: string): Promise<void> {
  const ids = [...dues.keys()].sort((a, b) => a - b)
  const touched = run(
    db,
    sql`with due as (select * from unnest(${ids}::bigint[], ${ids.map((id) => dues.get(id))}::timestamptz[]) as d(id, at)),
      locked as (select q.id, d.at from queues q join due d on d.id = q.id order by q.id for update of q)
      update queues q set next_due_at = least(q.next_due_at, l.at) from locked l where q.id = l.id`,
  )
  await Promise.all([touched, run(db, sql`select pg_notify('chasqui_due', ${word})`)])
}

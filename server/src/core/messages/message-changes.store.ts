import type { Ports } from '#kit/context'
import { all, type Db, run, sql } from '#kit/db'
import type { Change, LockedMessage } from './message-changes.ts'

/** The columns of LockedMessage, for statements that lock messages as m. */
export const LOCKED_COLUMNS = sql.raw(
  `m.workspace_id as "workspaceId", m.id, m.channel_id as "channelId", m.conversation_id as "conversationId", m.contact_id as "contactId", m.state, m.attempt,
   m.wire_id as "wireId", m.code, m.reason, m.advice, m.on_unknown as "onUnknown", m.send_at as "sendAt", m.expires_at as "expiresAt", m.callback_url as "callbackUrl",
   m.door, m.facts, m.sending_at as "sendingAt", m.sent_at as "sentAt", m.delivered_at as "deliveredAt", m.read_at as "readAt", m.played_at as "playedAt", m.ended_at as "endedAt"`,
)

/**
 * Locks messages in the order of their ids, the one order of all writers. Ids are looked up by `= any`, here and below: joined to a list, a table
 * that was empty when it was last vacuumed seems so small that the planner reads all of it for every id.
 */
export async function lockMessages(db: Db, keys: readonly { workspaceId: string; id: string }[]): Promise<LockedMessage[]> {
  return all(
    db,
    sql<LockedMessage>`select ${LOCKED_COLUMNS} from messages m
      where m.workspace_id = any(${workspacesOf(keys)}::uuid[]) and m.id = any(${keys.map((key) => key.id)}::uuid[]) order by m.id for update of m`,
  )
}

export const workspacesOf = (keys: readonly { workspaceId: string }[]): string[] => [...new Set(keys.map(({ workspaceId }) => workspaceId))]

export type Written = {
  /** Queues that got work back, and from when. */
  dues: Map<number, Date>
  /** Messages that a door waits for and that came to an end. */
  awaited: string[]
}

/** Writes what was decided about locked messages: rows, outbox, wire ids, then events, the last statement before the commit. */
export async function writeChanges(db: Db, changes: readonly Change[], events: Ports['events']): Promise<Written> {
  await updateMessages(
    db,
    changes.map(({ after }) => after),
  )
  const wired = changes.filter(({ newWireId }) => newWireId).map(({ after }) => after)
  if (wired.length > 0) await insertWireIds(db, wired)
  const written: Written = { dues: new Map(), awaited: [] }
  await finishWork(
    db,
    changes.filter(({ work }) => work.is === 'done'),
    written,
  )
  await delayWork(db, changes, written)
  const raised = changes.flatMap((change) => change.events)
  if (raised.length > 0) await events.append(db, raised)
  return written
}

async function updateMessages(db: Db, messages: readonly LockedMessage[]): Promise<void> {
  const column = <Value>(pick: (message: LockedMessage) => Value) => messages.map(pick)
  await run(
    db,
    sql`update messages m set state = c.state, attempt = c.attempt, wire_id = c.wire_id, code = c.code, reason = c.reason, advice = c.advice, facts = c.facts::jsonb,
      sending_at = c.sending_at, sent_at = c.sent_at, delivered_at = c.delivered_at, read_at = c.read_at, played_at = c.played_at, ended_at = c.ended_at
      from unnest(${column((m) => m.workspaceId)}::uuid[], ${column((m) => m.id)}::uuid[], ${column((m) => m.state)}::text[], ${column((m) => m.attempt)}::smallint[],
        ${column((m) => m.wireId)}::text[], ${column((m) => m.code)}::text[], ${column((m) => m.reason)}::text[], ${column((m) => m.advice)}::text[],
        ${column((m) => m.facts && JSON.stringify(m.facts))}::text[], ${column((m) => m.sendingAt)}::timestamptz[], ${column((m) => m.sentAt)}::timestamptz[],
        ${column((m) => m.deliveredAt)}::timestamptz[], ${column((m) => m.readAt)}::timestamptz[], ${column((m) => m.playedAt)}::timestamptz[], ${column((m) => m.endedAt)}::timestamptz[]
      ) as c(workspace_id, id, state, attempt, wire_id, code, reason, advice, facts, sending_at, sent_at, delivered_at, read_at, played_at, ended_at)
      where m.workspace_id = c.workspace_id and m.id = c.id and m.workspace_id = any(${workspacesOf(messages)}::uuid[]) and m.id = any(${column((m) => m.id)}::uuid[])`,
  )
}

async function insertWireIds(db: Db, messages: readonly LockedMessage[]): Promise<void> {
  await run(
    db,
    sql`insert into wire_ids (workspace_id, channel_id, wire_id, message_id)
      select * from unnest(${messages.map((m) => m.workspaceId)}::uuid[], ${messages.map((m) => m.channelId)}::uuid[],
        ${messages.map((m) => m.wireId)}::text[], ${messages.map((m) => m.id)}::uuid[]) order by 1, 2, 3 on conflict do nothing`,
  )
}

/** The outbox row goes, whoever leases it; the next message to the same person, if it was parked behind, is due again. */
async function finishWork(db: Db, done: readonly Change[], written: Written): Promise<void> {
  if (done.length === 0) return
  const gone = await all(
    db,
    sql<{ subject: string; awaited: boolean; conversation_id: string; lane: number }>`
      with locked as (select subject from outbox_sends where subject = any(${done.map(({ after }) => after.id)}::uuid[]) order by subject for update)
      delete from outbox_sends o where o.subject = any(array(select subject from locked)) returning o.subject, o.awaited, o.conversation_id, o.lane`,
  )
  for (const { subject, awaited } of gone) if (awaited) written.awaited.push(subject)
  if (gone.length === 0) return
  const freed = await all(
    db,
    sql<{ queue_id: number; due_at: Date }>`
      with next as (
        select f.subject from (select distinct * from unnest(${gone.map((row) => row.conversation_id)}::uuid[], ${gone.map((row) => row.lane)}::smallint[]) as p(conversation_id, lane)) p
        cross join lateral (select o.subject, o.parked from outbox_sends o where o.conversation_id = p.conversation_id and o.lane = p.lane order by o.order_at, o.position limit 1) f
        where f.parked
      ), locked as (select o.subject from outbox_sends o where o.subject = any(array(select subject from next)) order by o.subject for update of o)
      update outbox_sends o set due_at = chasqui_now(), parked = false where o.subject = any(array(select subject from locked)) returning o.queue_id, o.due_at`,
  )
  for (const row of freed) noteDue(written, row)
  if (written.awaited.length > 0) await run(db, sql`select pg_notify('chasqui_settled', ${written.awaited.slice(0, 200).join(',')})`)
}

async function delayWork(db: Db, changes: readonly Change[], written: Written): Promise<void> {
  const later = changes.flatMap(({ after, work }) => (work.is === 'later' ? [{ id: after.id, attempt: after.attempt, ...work }] : []))
  if (later.length === 0) return
  const rows = await all(
    db,
    sql<{ queue_id: number; due_at: Date }>`
      with given as (select * from unnest(${later.map((row) => row.id)}::uuid[], ${later.map((row) => row.dueAt)}::timestamptz[], ${later.map((row) => row.held)}::boolean[],
          ${later.map((row) => row.parked)}::boolean[], ${later.map((row) => row.attempt)}::smallint[]) as g(subject, due_at, held, parked, attempt)),
        locked as (select o.subject from outbox_sends o where o.subject = any(${later.map((row) => row.id)}::uuid[]) order by o.subject for update of o)
      update outbox_sends o set due_at = g.due_at, lease_until = null, claim = null, parked = g.parked, attempt = g.attempt,
        held_since = case when g.held then coalesce(o.held_since, chasqui_now()) else o.held_since end
      from given g where o.subject = any(array(select subject from locked)) and o.subject = g.subject returning o.queue_id, o.due_at`,
  )
  for (const row of rows) noteDue(written, row)
}

function noteDue({ dues }: Written, { queue_id, due_at }: { queue_id: number; due_at: Date }): void {
  const known = dues.get(queue_id)
  if (!known || due_at < known) dues.set(queue_id, due_at)
}

import type { Ports } from '#kit/context'
import { all, type Db, json, type RawBuilder, run, sql, unawaited } from '#kit/db'
import { raiseConversations } from './latest.store.ts'
import type { Change, LockedMessage } from './message-changes.ts'

/** The columns of LockedMessage, for statements that lock messages as m. */
export const LOCKED_COLUMNS = sql.raw(
  `m.workspace_id as "workspaceId", m.id, m.channel_id as "channelId", m.conversation_id as "conversationId", m.contact_id as "contactId", m.campaign_id as "campaignId", m.lane, m.state, m.attempt,
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
      where ${areThese(keys)} order by m.id for update of m`,
  )
}

/** The condition that a message m is one of these. */
export function areThese(keys: readonly { workspaceId: string; id: string }[]): RawBuilder<unknown> {
  const workspaceIds = [...new Set(keys.map(({ workspaceId }) => workspaceId))]
  return sql`m.workspace_id = any(${workspaceIds}::uuid[]) and m.id = any(${keys.map(({ id }) => id)}::uuid[])`
}

/**
 * Writes what was decided about locked messages: rows, wire ids, outbox, then events, the last statement before the commit. All of it is sent
 * at once and rides with the commit; what is answered then: the queues that got work back, and from when.
 */
export function writeChanges(db: Db, changes: readonly Change[], events: Ports['events']): Promise<Map<number, Date>> {
  if (changes.length === 0) return Promise.resolve(new Map())
  unawaited(db, updateMessages(db, changes))
  const wired = changes.filter(({ newWireId }) => newWireId).map(({ after }) => after)
  if (wired.length > 0) unawaited(db, insertWireIds(db, wired))
  const sent = changes.filter(({ before, after }) => !before.sentAt && after.sentAt).map(({ after }) => after)
  if (sent.length > 0) unawaited(db, raiseConversations(db, sent))
  const done = changes.filter(({ work }) => work.is === 'done').map(({ after }) => after)
  const dues = unawaited(
    db,
    Promise.all([finishWork(db, done), delayWork(db, changes)]).then((due) => earliest(due.flat())),
  )
  const raised = changes.flatMap((change) => change.events)
  events.append(db, raised)
  return dues
}

/** What a writer may change of a message: property, column, type. */
const WRITABLE = [
  ['state', 'text'],
  ['attempt', 'smallint'],
  ['wireId', 'text', 'wire_id'],
  ['code', 'text'],
  ['reason', 'text'],
  ['advice', 'text'],
  ['facts', 'jsonb'],
  ['sendingAt', 'timestamptz', 'sending_at'],
  ['sentAt', 'timestamptz', 'sent_at'],
  ['deliveredAt', 'timestamptz', 'delivered_at'],
  ['readAt', 'timestamptz', 'read_at'],
  ['playedAt', 'timestamptz', 'played_at'],
  ['endedAt', 'timestamptz', 'ended_at'],
] as const satisfies readonly (readonly [keyof LockedMessage, string, string?])[]

/** Writes the columns in which at least one of these messages has become another; those that all of them share are told once. */
async function updateMessages(db: Db, changes: readonly Change[]): Promise<void> {
  const changed = changes.filter(({ before, after }) => WRITABLE.some(([key]) => before[key] !== after[key]))
  if (changed.length === 0) return
  const columns = WRITABLE.filter(([key]) => changed.some(({ before, after }) => before[key] !== after[key])).map(
    ([key, type, name = key]) => {
      const values = changed.map(({ after }) => (key === 'facts' ? after.facts && json(after.facts) : after[key]))
      return { name, type, values, isShared: values.every((value) => value === values[0]) }
    },
  )
  const own = columns.filter(({ isShared }) => !isShared)
  const messages = changed.map(({ after }) => after)
  const assignments = columns.map(({ name, type, values, isShared }) =>
    isShared ? sql`${sql.raw(name)} = ${values[0]}::${sql.raw(type)}` : sql.raw(`${name} = c.${name}${type === 'jsonb' ? '::jsonb' : ''}`),
  )
  const from = sql`from unnest(${messages.map((m) => m.workspaceId)}::uuid[], ${messages.map((m) => m.id)}::uuid[], ${sql.join(
    own.map(({ type, values }) => sql`${values}::${sql.raw(type === 'jsonb' ? 'text' : type)}[]`),
  )}) as c(workspace_id, id, ${sql.raw(own.map(({ name }) => name).join(', '))}) where m.workspace_id = c.workspace_id and m.id = c.id and`
  await run(db, sql`update messages m set ${sql.join(assignments)} ${own.length > 0 ? from : sql`where`} ${areThese(messages)}`)
}

/** Whoever answered under the id of what we sent, before we knew that it went, has it no more: receipts go by it. */
async function insertWireIds(db: Db, messages: readonly LockedMessage[]): Promise<void> {
  await run(
    db,
    sql`insert into wire_ids (workspace_id, channel_id, wire_id, message_id)
      select * from unnest(${messages.map((m) => m.workspaceId)}::uuid[], ${messages.map((m) => m.channelId)}::uuid[],
        ${messages.map((m) => m.wireId)}::text[], ${messages.map((m) => m.id)}::uuid[]) order by 1, 2, 3
      on conflict (workspace_id, channel_id, wire_id) do update set message_id = excluded.message_id
        where exists (select 1 from messages m where m.workspace_id = wire_ids.workspace_id and m.id = wire_ids.message_id and m.direction = 'in')`,
  )
}

type Due = { queue_id: number; due_at: Date }

/** The outbox row goes, whoever leases it; the next message to the same person, if it was parked behind, is due again. */
async function finishWork(db: Db, done: readonly LockedMessage[]): Promise<Due[]> {
  if (done.length === 0) return []
  const ids = done.map(({ id }) => id)
  unawaited(
    db,
    run(
      db,
      sql`with locked as (select subject from outbox_sends where subject = any(${ids}::uuid[]) order by subject for update),
        gone as (delete from outbox_sends o where o.subject = any(array(select subject from locked)) returning o.subject, o.awaited)
        select pg_notify('chasqui_settled', string_agg(subject::text, ',')) from (select subject from gone where awaited limit 200) told having count(*) > 0`,
    ),
  )
  return all(
    db,
    sql<Due>`
      with next as (
        select f.subject from (select distinct * from unnest(${done.map((m) => m.conversationId)}::uuid[], ${done.map((m) => m.lane)}::smallint[]) as p(conversation_id, lane)) p
        cross join lateral (select o.subject, o.parked from outbox_sends o where o.conversation_id = p.conversation_id and o.lane = p.lane order by o.order_at, o.position limit 1) f
        where f.parked
      ), locked as (select o.subject from outbox_sends o where o.subject = any(array(select subject from next)) order by o.subject for update of o)
      update outbox_sends o set due_at = chasqui_now(), parked = false where o.subject = any(array(select subject from locked)) returning o.queue_id, o.due_at`,
  )
}

async function delayWork(db: Db, changes: readonly Change[]): Promise<Due[]> {
  const later = changes.flatMap(({ after, work }) => (work.is === 'later' ? [{ id: after.id, attempt: after.attempt, ...work }] : []))
  if (later.length === 0) return []
  return all(
    db,
    sql<Due>`
      with given as (select * from unnest(${later.map((row) => row.id)}::uuid[], ${later.map((row) => row.dueAt)}::timestamptz[], ${later.map((row) => row.held)}::boolean[],
          ${later.map((row) => row.parked)}::boolean[], ${later.map((row) => row.attempt)}::smallint[], ${later.map((row) => row.inLine ?? false)}::boolean[]) as g(subject, due_at, held, parked, attempt, in_line)),
        locked as (select o.subject from outbox_sends o where o.subject = any(${later.map((row) => row.id)}::uuid[]) order by o.subject for update of o)
      update outbox_sends o set due_at = g.due_at, lease_until = null, claim = null, parked = g.parked, attempt = g.attempt, in_line = g.in_line,
        held_since = case when g.held then coalesce(o.held_since, chasqui_now()) else o.held_since end
      from given g where o.subject = any(array(select subject from locked)) and o.subject = g.subject returning o.queue_id, o.due_at`,
  )
}

function earliest(rows: readonly Due[]): Map<number, Date> {
  const dues = new Map<number, Date>()
  for (const { queue_id, due_at } of rows) {
    const known = dues.get(queue_id)
    if (!known || due_at < known) dues.set(queue_id, due_at)
  }
  return dues
}

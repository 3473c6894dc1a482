import { all, type Db, run, sql } from '#kit/db'

const CHANNELS_MOST = 100
/** Of one line that nobody has to stand in any more, at once. */
const FREED_MOST = 500

/** The rules for cold contacts bind the channel c no more. */
const IS_FREE = sql`coalesce(c.settings #>> '{pacing,cold}' = 'off', false)`

/**
 * Calls the next of each line whose channel may send to somebody new: transactional before campaigns, else the oldest. Should the one that was
 * called not come to its start (cancelled, its channel closed), another one is called a minute later. Where there are no such rules any more
 * all are called, a good many at a time. Answers the queues that have work.
 */
export async function callNext(db: Db, now: Date): Promise<number[]> {
  const called = await all(
    db,
    sql<{ queue_id: number }>`
    with open as materialized (
      select p.channel_id, ${IS_FREE} as is_free, case when ${IS_FREE} then ${FREED_MOST}::integer else 1 end as most
      from cold_paces p join channels c on c.id = p.channel_id where p.calls_at <= ${now} order by p.calls_at limit ${CHANNELS_MOST} for update of p skip locked
    ), heads as materialized (
      select h.subject from open cross join lateral (
        select o.subject from queues q cross join lateral (
          select l.subject, l.lane, l.order_at, l.position from outbox_sends l where l.queue_id = q.id and l.in_line order by l.order_at, l.position limit open.most
        ) o where q.channel_id = open.channel_id and q.paused_at is null order by o.lane, o.order_at, o.position limit open.most) h
    ), locked as materialized (
      select o.subject from outbox_sends o where o.subject = any(array(select subject from heads)) order by o.subject for update of o
    ), called as (
      update outbox_sends o set due_at = ${now}, in_line = false where o.subject = any(array(select subject from locked)) returning o.queue_id
    ), next as (
      update cold_paces p set calls_at = (
        select case when open.is_free then ${now} else ${now}::timestamptz + interval '1 minute' end from queues q cross join lateral (select 1 from outbox_sends l where l.queue_id = q.id and l.in_line limit 1) l
        where q.channel_id = p.channel_id limit 1)
      from open where p.channel_id = any(array(select channel_id from open)) and p.channel_id = open.channel_id
    ) select distinct queue_id from called`,
  )
  return called.map(({ queue_id }) => queue_id)
}

/** Lines that nobody would call, or not soon: what an edit or a lost call left, and whoever still knew old rules. */
export async function mendLines(db: Db): Promise<void> {
  await run(
    db,
    sql`
    with uncalled as materialized (
      select p.channel_id from cold_paces p join channels c on c.id = p.channel_id where (p.calls_at is null or (p.calls_at > chasqui_now() and ${IS_FREE}))
        and (select true from queues q cross join lateral (select 1 from outbox_sends l where l.queue_id = q.id and l.in_line limit 1) l where q.channel_id = p.channel_id limit 1)
    ), locked as materialized (
      select p.channel_id from cold_paces p where p.channel_id = any(array(select channel_id from uncalled)) order by p.channel_id for update skip locked
    ) update cold_paces p set calls_at = chasqui_now() where p.channel_id = any(array(select channel_id from locked))`,
  )
}

/** Somebody is about to join the lines of these channels. */
export async function expectCalls(db: Db, channelIds: readonly string[], now: Date): Promise<void> {
  await run(
    db,
    sql`with locked as (select channel_id from cold_paces where channel_id = any(${channelIds}::uuid[]) order by channel_id for update)
      update cold_paces set calls_at = coalesce(calls_at, ${now}) where channel_id = any(array(select channel_id from locked))`,
  )
}

export type DueRow = { messageId: string; workspaceId: string; conversationId: string }

/** What is due in these queues and nobody has leased, the oldest first, `most` of each. */
export async function findDue(db: Db, queueIds: readonly number[], now: Date, most: number): Promise<DueRow[]> {
  return all(
    db,
    sql<DueRow>`select o.* from unnest(${queueIds}::bigint[]) as q(id) cross join lateral (
      select o.subject as "messageId", o.workspace_id as "workspaceId", o.conversation_id as "conversationId" from outbox_sends o
      where o.queue_id = q.id and o.due_at <= ${now} and (o.lease_until is null or o.lease_until <= ${now}) order by o.due_at, o.order_at, o.position limit ${most}) o`,
  )
}

/** Locks those of these conversations whose person never wrote to their channel: he cannot write before we are done. */
export async function lockStrangers(db: Db, conversationIds: readonly string[]): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{
      id: string
    }>`select c.id from conversations c where c.id = any(${conversationIds}::uuid[]) and c.last_inbound_at is null and c.address !~ '@(g[.]us|newsletter)$'
      and not exists (select 1 from conversations k where k.contact_id = c.contact_id and k.channel_id = c.channel_id and k.last_inbound_at is not null and k.address !~ '@(g[.]us|newsletter)$')
    order by c.id for update of c`,
  )
  return new Set(rows.map(({ id }) => id))
}

/** Puts in line what is still due; it is due again when its own time is over. */
export async function joinLine(db: Db, due: readonly DueRow[], now: Date): Promise<void> {
  await run(
    db,
    sql`
    with picked as materialized (
      select o.subject, least('9999-12-31', m.expires_at, m.send_at + make_interval(secs => m.late_seconds)) + interval '1 millisecond' as ends_at
      from messages m cross join lateral (select * from outbox_sends s where s.subject = m.id limit 1) o
      where m.workspace_id = any(${[...new Set(due.map(({ workspaceId }) => workspaceId))]}::uuid[]) and m.id = any(${due.map(({ messageId }) => messageId)}::uuid[])
        and m.state = 'scheduled' order by o.subject
    ), locked as materialized (
      select o.subject, o.due_at <= ${now} and (o.lease_until is null or o.lease_until <= ${now}) as is_free
      from outbox_sends o where o.subject = any(array(select subject from picked)) order by o.subject for update of o skip locked
    )
    update outbox_sends o set due_at = p.ends_at, in_line = true, parked = false, lease_until = null, claim = null
    from picked p where o.subject = any(array(select subject from locked where is_free)) and o.subject = p.subject`,
  )
}

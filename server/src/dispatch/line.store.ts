import { all, type Db, run, sql } from '#kit/db'

const CHANNELS_MOST = 100

/**
 * Calls the next of each line whose channel may send to somebody new: transactional before campaigns, else the oldest. Should the one that was
 * called not come to its start (cancelled, its channel closed), another one is called a minute later. Answers the queues that have work.
 */
export async function callNext(db: Db, now: Date): Promise<number[]> {
  const called = await all(
    db,
    sql<{ queue_id: number }>`
    with open as materialized (
      select p.channel_id from cold_paces p where p.calls_at <= ${now} order by p.calls_at limit ${CHANNELS_MOST} for update skip locked
    ), heads as (
      select h.subject from open cross join lateral (
        select o.subject from queues q cross join lateral (
          select l.subject, l.lane, l.order_at, l.position from outbox_sends l where l.queue_id = q.id and l.in_line order by l.order_at, l.position limit 1
        ) o where q.channel_id = open.channel_id and q.paused_at is null order by o.lane, o.order_at, o.position limit 1) h
    ), called as (
      update outbox_sends o set due_at = ${now}, in_line = false where o.subject = any(array(select subject from heads)) returning o.queue_id
    ), next as (
      update cold_paces p set calls_at = case when exists (
        select 1 from queues q join outbox_sends l on l.queue_id = q.id and l.in_line where q.channel_id = p.channel_id) then ${now}::timestamptz + interval '1 minute' end
      where p.channel_id = any(array(select channel_id from open))
    ) select queue_id from called`,
  )
  return called.map(({ queue_id }) => queue_id)
}

/** Lines that nobody would call: what an edit or a lost call left. */
export async function mendLines(db: Db): Promise<void> {
  await run(
    db,
    sql`update cold_paces p set calls_at = chasqui_now() where p.calls_at is null
      and exists (select 1 from queues q join outbox_sends l on l.queue_id = q.id and l.in_line where q.channel_id = p.channel_id)`,
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

const STRANGERS_MOST = 500

/** Locks conversations with people who never wrote to their channel, for whom something is due in these queues: they cannot write before we are done. */
export async function lockStrangers(db: Db, queueIds: readonly number[], now: Date): Promise<string[]> {
  const rows = await all(
    db,
    sql<{ id: string }>`
    with due as materialized (
      select o.conversation_id from unnest(${queueIds}::bigint[]) as q(id) cross join lateral (
        select o.conversation_id from outbox_sends o where o.queue_id = q.id and o.due_at <= ${now} and (o.lease_until is null or o.lease_until <= ${now})
        order by o.due_at, o.order_at, o.position limit ${STRANGERS_MOST}) o
    )
    select c.id from conversations c where c.id = any(array(select conversation_id from due)) and c.last_inbound_at is null and c.address !~ '@(g[.]us|newsletter)$'
      and not exists (select 1 from conversations k where k.contact_id = c.contact_id and k.channel_id = c.channel_id and k.last_inbound_at is not null and k.address !~ '@(g[.]us|newsletter)$')
    order by c.id for update of c`,
  )
  return rows.map(({ id }) => id)
}

/** Puts what is due for them in line; it is due again when its own time is over. */
export async function joinLine(
  db: Db,
  { conversationIds, queueIds }: { conversationIds: readonly string[]; queueIds: readonly number[] },
  now: Date,
): Promise<void> {
  await run(
    db,
    sql`
    with picked as materialized (
      select o.subject, least('9999-12-31', m.expires_at, m.send_at + make_interval(secs => m.late_seconds)) + interval '1 millisecond' as ends_at
      from outbox_sends o join messages m on m.workspace_id = o.workspace_id and m.id = o.subject
      where o.conversation_id = any(${conversationIds}::uuid[]) and o.queue_id = any(${queueIds}::bigint[]) and m.state = 'scheduled' and o.due_at <= ${now}
        and (o.lease_until is null or o.lease_until <= ${now}) order by o.subject for update of o skip locked
    )
    update outbox_sends o set due_at = p.ends_at, in_line = true, parked = false, lease_until = null, claim = null
    from picked p where o.subject = any(array(select subject from picked)) and o.subject = p.subject`,
  )
}

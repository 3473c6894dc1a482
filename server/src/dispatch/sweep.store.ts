import { type Db, first, run, sql } from '#kit/db'

/** Mends queues whose touch was lost between an accept and its wake: their next look is their earliest row again. */
export async function mendQueues(db: Db): Promise<number> {
  return run(
    db,
    sql`with lost as (
        select q.id, f.due_at from queues q
        cross join lateral (select o.due_at from outbox_sends o where o.queue_id = q.id order by o.due_at, o.order_at, o.position limit 1) f
        where q.next_due_at is null or q.next_due_at > greatest(f.due_at, chasqui_now())
      ), locked as (select q.id, l.due_at from queues q join lost l on l.id = q.id order by q.id for update of q skip locked)
      update queues q set next_due_at = least(q.next_due_at, l.due_at) from locked l where q.id = l.id`,
  )
}

/** Messages that were accepted for a conversation, or a contact, while it was joined to another: they go there. */
export async function mendJoined(db: Db): Promise<number> {
  await run(
    db,
    sql`with stray as materialized (
        select o.subject, j.conversation_id from joined_conversations j
        cross join lateral (select subject from outbox_sends where conversation_id = j.former_id limit 1000) o
        where j.at > chasqui_now() - interval '10 minutes'
      ), locked as (select o.subject from outbox_sends o where o.subject = any(array(select subject from stray)) order by o.subject for update)
      update outbox_sends o set conversation_id = s.conversation_id from stray s where o.subject = s.subject and o.subject = any(array(select subject from locked))`,
  )
  return run(
    db,
    sql`with stray as materialized (
        select j.workspace_id, m.id, j.conversation_id, v.contact_id from joined_conversations j
        join conversations v on v.id = j.conversation_id
        cross join lateral (
          (select id from messages where conversation_id = j.former_id limit 1000)
          union all
          (select id from messages where conversation_id = v.id and id > chasqui_uuid_floor(j.at - interval '1 minute') and contact_id is distinct from v.contact_id limit 1000)
        ) m
        where j.at > chasqui_now() - interval '10 minutes'
      ), locked as (select m.id from messages m where m.workspace_id = any(array(select workspace_id from stray)) and m.id = any(array(select id from stray)) order by m.id for update)
      update messages m set conversation_id = s.conversation_id, contact_id = s.contact_id from stray s
      where m.workspace_id = s.workspace_id and m.id = s.id and m.id = any(array(select id from locked))`,
  )
}

export async function rollPartitions(db: Db): Promise<void> {
  await run(db, sql`select chasqui_roll_partitions(), chasqui_skip_jsonb_statistics()`)
}

/** Idempotency keys and deleted audiences over a day old, rate windows and strays past use; a bounded number at a time. */
export async function purgeOld(db: Db): Promise<void> {
  await run(
    db,
    sql`delete from idempotency_keys where (workspace_id, key) in (select workspace_id, key from idempotency_keys where created_at < chasqui_now() - interval '25 hours' limit 10000)`,
  )
  await run(db, sql`delete from rate_windows where window_start < chasqui_now() - interval '10 minutes'`)
  await run(db, sql`delete from joined_conversations where at < chasqui_now() - interval '1 day'`)
  await run(db, sql`delete from stray_receipts where at < chasqui_now() - interval '8 days'`)
  await run(
    db,
    sql`delete from audience_members where (audience_id, id) in (
      select m.audience_id, m.id from audiences a join audience_members m on m.audience_id = a.id where a.deleted_at < chasqui_now() - interval '1 day' limit 50000)`,
  )
  await run(
    db,
    sql`delete from audiences a where a.deleted_at < chasqui_now() - interval '1 day' and not exists (select 1 from audience_members m where m.audience_id = a.id)`,
  )
}

/** The queue table lives by being vacuumed: autovacuum alone comes too seldom under load. */
export async function vacuumOutbox(db: Db): Promise<void> {
  await run(db, sql`vacuum (skip_locked, index_cleanup on, truncate off) outbox_sends`)
  await run(db, sql`vacuum (skip_locked, truncate off) buckets, queues, workspace_counters`)
}

export type Gauges = { due: number; lagSeconds: number; unsettled: number; webhookLag: number }

/** What an operator looks at first; counted no further than needed. */
export async function readGauges(db: Db): Promise<Gauges> {
  const row = await first(
    db,
    sql<Gauges>`
    select (select count(*) from (select 1 from queues q cross join lateral (select 1 from outbox_sends o where o.queue_id = q.id and o.due_at <= chasqui_now() limit 10000) o
        where q.next_due_at <= chasqui_now() limit 10000) d)::integer as due,
      coalesce((select extract(epoch from chasqui_now() - min(f.due_at)) from queues q join buckets b on b.channel_id = q.channel_id
        cross join lateral (select o.due_at from outbox_sends o where o.queue_id = q.id order by o.due_at, o.order_at, o.position limit 1) f
        where q.next_due_at <= chasqui_now() and q.paused_at is null and (b.blocked_until is null or b.blocked_until <= chasqui_now())), 0)::double precision as "lagSeconds",
      (select count(*) from (select 1 from outbox_sends where held_since is not null limit 100000) u)::integer as unsettled,
      coalesce((select max(c.seq - e.cursor_seq) from endpoints e join workspace_counters c on c.workspace_id = e.workspace_id where e.state = 'enabled'), 0)::integer as "webhookLag"`,
  )
  return row ?? { due: 0, lagSeconds: 0, unsettled: 0, webhookLag: 0 }
}

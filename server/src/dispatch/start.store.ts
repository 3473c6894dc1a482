import { areThese, LOCKED_COLUMNS, TARGET_COLUMNS } from '#core/messages'
import { all, type Db, run, sql } from '#kit/db'
import type { Leased } from './claim.store.ts'
import type { StartRow } from './judge-start.ts'

/** Locks conversations in order: those of channels with a pair limit, before their messages. */
export async function lockConversations(db: Db, ids: readonly string[]): Promise<void> {
  await run(db, sql`select 1 from conversations where id = any(${ids}::uuid[]) order by id for update`)
}

/** Locks the leased messages in order and reads all that their start depends on, as it is now. */
export async function lockStarts(db: Db, rows: readonly Leased[], claim: { id: string; now: Date }): Promise<StartRow[]> {
  return all(
    db,
    sql<StartRow>`
    select ${LOCKED_COLUMNS}, m.content, m.address, m.category, m.late_seconds as "lateSeconds", m.late_action as "lateAction", m.outside_window as "outsideWindow",
      ${TARGET_COLUMNS},
      o.claim is not distinct from ${claim.id}::uuid as leased, o.due_at as "dueAt",
      exists (select 1 from outbox_sends p where p.conversation_id = o.conversation_id and p.lane = o.lane and (p.order_at, p.position) < (o.order_at, o.position)
        and (p.held_since is null or p.held_since > ${claim.now}::timestamptz - interval '2 minutes')) as behind,
      q.paused_at is not null or coalesce(b.blocked_until > ${claim.now}, false) as paused,
      v.last_inbound_at as "lastInboundAt", v.pair_free_at as "pairFreeAt", c.opted_out_at as "optedOutAt", c.time_zone as "timeZone", h.last_inbound_at as "channelHeardAt",
      case when k.id is not null then json_build_object('state', k.state, 'settings', k.settings, 'timeZone', c.time_zone, 'workspaceTimeZone', w.time_zone) end as campaign,
      case when m.state = 'sending' then exists (select 1 from inbound_events e where e.channel_id = m.channel_id and e.parsed_at is null) else false end as "channelBehind"
    from messages m
    cross join lateral (select * from outbox_sends s where s.subject = m.id limit 1) o
    join queues q on q.id = o.queue_id
    join buckets b on b.channel_id = m.channel_id
    join channels h on h.id = m.channel_id
    left join conversations v on v.id = m.conversation_id
    left join contacts c on c.id = m.contact_id
    left join campaigns k on k.id = m.campaign_id
    left join workspaces w on w.id = k.workspace_id
    where ${areThese(rows.map(({ workspaceId, messageId }) => ({ workspaceId, id: messageId })))}
    order by m.id for update of m`,
  )
}

export async function takePairs(db: Db, pairs: readonly { conversationId: string; freeAt: Date }[]): Promise<void> {
  await run(
    db,
    sql`update conversations c set pair_free_at = greatest(c.pair_free_at, p.free_at)
      from unnest(${pairs.map((pair) => pair.conversationId)}::uuid[], ${pairs.map((pair) => pair.freeAt)}::timestamptz[]) as p(id, free_at) where c.id = p.id`,
  )
}

/** Parked rows whose predecessor ended in between: due again at once. Answers their queues. */
export async function unparkFreed(db: Db, subjects: readonly string[], now: Date): Promise<number[]> {
  await awaitLeaving(db, subjects)
  const rows = await all(
    db,
    sql<{ queue_id: number }>`
    with freed as (
      select o.subject from outbox_sends o where o.subject = any(${subjects}::uuid[]) and o.parked
        and not exists (select 1 from outbox_sends p where p.conversation_id = o.conversation_id and p.lane = o.lane and (p.order_at, p.position) < (o.order_at, o.position))
      order by o.subject for update of o
    )
    update outbox_sends o set due_at = ${now}, parked = false where o.subject = any(array(select subject from freed)) returning o.queue_id`,
  )
  return rows.map(({ queue_id }) => queue_id)
}

/** A predecessor whose end is written but not committed is waited for: its writer looked for followers before these had parked. */
async function awaitLeaving(db: Db, subjects: readonly string[]): Promise<void> {
  await run(
    db,
    sql`
    with ahead as materialized (
      select distinct p.subject from outbox_sends o
      cross join lateral (select b.subject from outbox_sends b where b.conversation_id = o.conversation_id and b.lane = o.lane
        and (b.order_at, b.position) < (o.order_at, o.position) order by b.order_at, b.position limit 1) p
      where o.subject = any(${subjects}::uuid[])
    )
    select 1 from outbox_sends p where p.subject = any(array(select subject from ahead)) order by p.subject for key share of p`,
  )
}

/** Rows whose message is gone (its contact was erased): nothing to start. */
export async function dropOrphans(db: Db, subjects: readonly string[]): Promise<void> {
  await run(db, sql`delete from outbox where kind = 'send' and subject = any(${subjects}::uuid[])`)
}

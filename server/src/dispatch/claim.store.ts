import { all, type Db, type RawBuilder, run, sql } from '#kit/db'

/** A queue with due work whose bucket has a token; queue and bucket are locked. */
export type ReadyQueue = {
  queueId: number
  channelId: string
  workspaceId: string
  lane: number
  rate: number
  ceiling: number
  capacity: number
  /** By which share of their mean the gaps between tokens differ, and by how much the last one was put off (in tokens, as part of `tokens`). */
  jitter: number
  shift: number
  tokens: number
  /** Sends left today; null: no cap. */
  dailyLeft: number | null
  cutAt: Date | null
  grownAt: Date | null
}

/** The bucket b may still send today: one whose day is used up is not ready before midnight, or every look would find it again. */
const hasDayLeft = (now: Date): RawBuilder<unknown> =>
  sql`(b.daily_cap is null or b.daily_count < b.daily_cap or b.daily_on <> (${now}::timestamptz at time zone 'UTC')::date)`

/**
 * Locks queues that are ready at `now`, the longest waiting first; what another node is just claiming is passed over, channels that have no
 * place on the wire, and those whose session another node holds.
 */
export async function lockReadyQueues(
  db: Db,
  { node, now, limited }: { node: string; now: Date; limited: readonly string[] },
  most: number,
): Promise<ReadyQueue[]> {
  return all(
    db,
    sql<ReadyQueue>`
    select q.id as "queueId", q.channel_id as "channelId", q.workspace_id as "workspaceId", q.lane, b.rate, b.ceiling, b.capacity, b.jitter, b.shift,
      least(b.capacity, b.tokens + greatest(0, extract(epoch from ${now}::timestamptz - b.refilled_at)) * b.rate)::double precision as tokens,
      b.daily_cap - case when b.daily_on = (${now}::timestamptz at time zone 'UTC')::date then b.daily_count else 0 end as "dailyLeft",
      b.cut_at as "cutAt", b.grown_at as "grownAt"
    from queues q join buckets b on b.channel_id = q.channel_id
    where q.next_due_at <= ${now} and q.paused_at is null and b.next_allowed_at <= ${now} and (b.blocked_until is null or b.blocked_until <= ${now})
      and (b.held_by is null or b.held_by = ${node}) and q.channel_id <> all(${limited}::uuid[]) and ${hasDayLeft(now)}
    order by q.next_due_at limit ${most} for update of q, b skip locked`,
  )
}

export type Leased = {
  messageId: string
  workspaceId: string
  channelId: string
  queueId: number
  conversationId: string
  lane: number
  dueAt: Date
}

export type Share = { queueId: number; channelId: string; most: number }

/** Leases each queue's share of due rows, oldest due first, `most` rows in all. */
export async function leaseRows(
  db: Db,
  shares: readonly Share[],
  lease: { claim: string; now: Date; until: Date },
  most: number,
): Promise<Leased[]> {
  const channelOf = new Map(shares.map(({ queueId, channelId }) => [queueId, channelId]))
  const rows = await all(
    db,
    sql<Omit<Leased, 'channelId'>>`
    with want as (select * from unnest(${shares.map((s) => s.queueId)}::bigint[], ${shares.map((s) => s.most)}::integer[]) as w(queue_id, most)),
    picked as materialized (
      select o.subject from want w cross join lateral (
        select o.subject from outbox_sends o
        where o.queue_id = w.queue_id and o.due_at <= ${lease.now} and (o.lease_until is null or o.lease_until <= ${lease.now})
        order by o.due_at, o.order_at, o.position limit w.most for update skip locked) o
      limit ${most})
    update outbox_sends o set lease_until = ${lease.until}, claim = ${lease.claim} where o.subject = any(array(select subject from picked))
    returning o.subject as "messageId", o.workspace_id as "workspaceId", o.queue_id as "queueId", o.conversation_id as "conversationId", o.lane, o.due_at as "dueAt"`,
  )
  return rows.map((row) => ({ ...row, channelId: channelOf.get(row.queueId) ?? '' }))
}

/**
 * Moves each queue on to its earliest row that is not leased; when every due row is leased, to the end of this lease. One that was served and
 * has more stands behind those that were not: `next_due_at` is its place in the line, or hundreds of old backlogs would go before a new message for ever.
 */
export async function moveQueuesOn(
  db: Db,
  queues: readonly { id: number; served: boolean }[],
  lease: { now: Date; until: Date },
): Promise<void> {
  await run(
    db,
    sql`
    update queues q set next_due_at = n.next_due_at
    from (
      select k.id, case when f.due_at <= ${lease.now} then case when k.served then ${lease.now} else f.due_at end
        else least(f.due_at, (select ${lease.until}::timestamptz where exists (select 1 from outbox_sends l where l.queue_id = k.id and l.due_at <= ${lease.now}))) end as next_due_at
      from unnest(${queues.map(({ id }) => id)}::bigint[], ${queues.map(({ served }) => served)}::boolean[]) as k(id, served)
      left join lateral (select o.due_at from outbox_sends o where o.queue_id = k.id and (o.lease_until is null or o.lease_until <= ${lease.now})
        order by o.due_at, o.order_at, o.position limit 1) f on true
    ) n where q.id = n.id`,
  )
}

export type Spent = { channelId: string; rate: number; tokens: number; shift: number; count: number; grownAt: Date | null }

/** Writes what was spent of each bucket, and when its next token is there. */
export async function spendTokens(db: Db, spent: readonly Spent[], now: Date): Promise<void> {
  await run(
    db,
    sql`
    update buckets b set tokens = s.tokens, shift = s.shift, rate = s.rate, refilled_at = ${now}, grown_at = s.grown_at,
      next_allowed_at = ${now}::timestamptz + make_interval(secs => greatest(0, 1 - s.tokens) / s.rate),
      daily_count = s.count + case when b.daily_on = (${now}::timestamptz at time zone 'UTC')::date then b.daily_count else 0 end,
      daily_on = (${now}::timestamptz at time zone 'UTC')::date
    from unnest(${spent.map((s) => s.channelId)}::uuid[], ${spent.map((s) => s.tokens)}::double precision[], ${spent.map((s) => s.rate)}::double precision[],
      ${spent.map((s) => s.count)}::integer[], ${spent.map((s) => s.grownAt)}::timestamptz[], ${spent.map((s) => s.shift)}::double precision[]) as s(channel_id, tokens, rate, count, grown_at, shift)
    where b.channel_id = s.channel_id`,
  )
}

/** When the next queue will be ready, as far as one can see from here; the poll finds the rest. */
export async function nextReadyAt(
  db: Db,
  { node, now, limited }: { node: string; now: Date; limited: readonly string[] },
): Promise<Date | undefined> {
  const rows = await all(
    db,
    sql<{
      at: Date
    }>`select greatest(q.next_due_at, b.next_allowed_at, b.blocked_until) as at from queues q join buckets b on b.channel_id = q.channel_id
      where q.next_due_at is not null and q.paused_at is null and (b.blocked_until is null or b.blocked_until < ${now}::timestamptz + interval '1 minute')
        and (b.held_by is null or b.held_by = ${node}) and q.channel_id <> all(${limited}::uuid[]) and ${hasDayLeft(now)}
      order by q.next_due_at limit 100`,
  )
  return rows.reduce<Date | undefined>((earliest, { at }) => (earliest && earliest <= at ? earliest : at), undefined)
}

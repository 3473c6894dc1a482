import { areThese, LOCKED_COLUMNS, type LockedMessage } from '#core/messages'
import { all, type Db, sql } from '#kit/db'

/** A place among all that waits for channels which are stopped; times as text, since a Date knows no microseconds. */
export type WaitingPlace = { queueId: number; dueAt: string; orderAt: string; position: number }
export type WaitingRow = WaitingPlace & { workspaceId: string; id: string }

const BEGINNING: WaitingPlace = { queueId: 0, dueAt: '-infinity', orderAt: '-infinity', position: 0 }

/** The next rows that wait for a stopped channel: those that are due; of a deleted one all, since nothing will be called or come due any more. */
export async function readWaiting(
  db: Db,
  { now, after = BEGINNING }: { now: Date; after?: WaitingPlace | undefined },
  most: number,
): Promise<WaitingRow[]> {
  // bounds that the index takes: in their queue the rows behind the place, in the ones after it all
  const from = (name: 'dueAt' | 'orderAt') => sql`case when k.id = ${after.queueId} then ${after[name]}::timestamptz else '-infinity' end`
  return all(
    db,
    sql<WaitingRow>`
    select o.workspace_id as "workspaceId", o.subject as id, o.queue_id as "queueId", o.due_at::text as "dueAt", o.order_at::text as "orderAt", o.position
    from (select q.id, b.blocked_reason from queues q join buckets b on b.channel_id = q.channel_id
      where b.blocked_until > ${now} and q.id >= ${after.queueId} order by q.id) k
    cross join lateral (select * from outbox_sends s where s.queue_id = k.id and (s.due_at, s.order_at, s.position) > (${from('dueAt')}, ${from('orderAt')}, ${after.position}::bigint)
      and s.due_at <= case when k.blocked_reason = 'deleted' then 'infinity' else ${now}::timestamptz end
      order by s.due_at, s.order_at, s.position limit ${most}) o
    limit ${most}`,
  )
}

export type Stranded = LockedMessage & { isDeleted: boolean }

/**
 * Locks those of these messages that have no way out any more: their time is over, or (unless a person has paused it) their channel has been
 * closed for longer than they may be late; on a deleted channel also what has no limit, and what was on its way when nobody can hear of it now.
 */
export async function lockStranded(db: Db, rows: readonly { workspaceId: string; id: string }[], now: Date): Promise<Stranded[]> {
  return all(
    db,
    sql<Stranded>`
    select ${LOCKED_COLUMNS}, b.blocked_reason = 'deleted' as "isDeleted" from messages m
    cross join lateral (select * from outbox_sends s where s.subject = m.id limit 1) o
    join buckets b on b.channel_id = m.channel_id
    where ${areThese(rows)} and b.blocked_until > ${now}
      and (m.state = 'scheduled' and (m.expires_at < ${now}
          or b.blocked_reason = 'deleted' and (m.campaign_id is not null or m.late_seconds is null or o.in_line)
          or b.blocked_reason is distinct from 'paused' and (m.late_action = 'expire' or b.blocked_reason = 'deleted')
            and ${now}::timestamptz > greatest(m.created_at, m.send_at, case when m.send_at is null then b.blocked_since end) + make_interval(secs => m.late_seconds))
        or m.state = 'sending' and b.blocked_reason = 'deleted' and m.sending_at < ${now}::timestamptz - interval '10 minutes')
    order by m.id for update of m`,
  )
}

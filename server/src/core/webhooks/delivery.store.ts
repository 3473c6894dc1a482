import { all, type Db, first, json, run, sql } from '#kit/db'
import { type DeliveryAttempt, type DeliveryDetails, endpointReceiver } from './endpoint.ts'

type DeliveryRow = {
  id: string
  attempt: number
  endpoint_id: string | null
  url: string
  event_id: string
  event_seq: number
  event_type: string
  style: string
  told_as: string | null
  status: number | null
  error: string | null
  latency_ms: number | null
  answer: string | null
  succeeded: boolean
  at: Date
}

const COLUMNS = sql.raw(
  'id, attempt, endpoint_id, url, event_id, event_seq, event_type, style, told_as, status, error, latency_ms, answer, succeeded, at',
)

const toAttempt = (row: DeliveryRow): DeliveryAttempt => ({
  deliveryId: row.id,
  attempt: row.attempt,
  endpointId: row.endpoint_id ?? undefined,
  url: row.url,
  eventId: row.event_id,
  eventSeq: row.event_seq,
  eventType: row.event_type,
  style: row.style,
  toldAs: row.told_as ?? undefined,
  status: row.status ?? undefined,
  error: row.error ?? undefined,
  latencyMs: row.latency_ms ?? undefined,
  answer: row.answer ?? undefined,
  succeeded: row.succeeded,
  at: row.at,
})

export type DeliverySearch = {
  endpointId?: string | undefined
  succeeded?: boolean | undefined
  after: { id: string; attempt: number } | undefined
  limit: number
}

/** Newest series first; within one its last attempt first. */
export async function searchDeliveries(
  db: Db,
  workspaceId: string,
  { endpointId, succeeded, after, limit }: DeliverySearch,
): Promise<DeliveryAttempt[]> {
  const conditions = [sql`workspace_id = ${workspaceId}`]
  if (endpointId !== undefined) conditions.push(sql`endpoint_id = ${endpointId}`)
  if (succeeded !== undefined) conditions.push(sql`succeeded = ${succeeded}`)
  if (after) conditions.push(sql`(id, attempt) < (${after.id}::uuid, ${after.attempt}::smallint)`)
  const rows = await all(
    db,
    sql<DeliveryRow>`select ${COLUMNS} from deliveries where ${sql.join(conditions, sql` and `)} order by id desc, attempt desc limit ${limit}`,
  )
  return rows.map(toAttempt)
}

/** The last attempt of a series. */
export async function lastAttempt(db: Db, workspaceId: string, id: string): Promise<DeliveryAttempt | undefined> {
  const row = await first(
    db,
    sql<DeliveryRow>`select ${COLUMNS} from deliveries where workspace_id = ${workspaceId} and id = ${id} order by attempt desc limit 1`,
  )
  return row && toAttempt(row)
}

/** The last attempts of an endpoint's series that began or went on since a time, where they failed and their event is still kept. */
export async function failedSince(
  db: Db,
  workspaceId: string,
  { endpointId, since, limit }: { endpointId: string; since: Date; limit: number },
): Promise<DeliveryAttempt[]> {
  const rows = await all(
    db,
    sql<DeliveryRow>`select ${COLUMNS} from (
        select distinct on (id) * from deliveries where workspace_id = ${workspaceId} and endpoint_id = ${endpointId} and at >= ${since} order by id, attempt desc) last
      where not succeeded
        and exists (select 1 from events e where e.workspace_id = ${workspaceId} and e.seq = last.event_seq)
        and not exists (select 1 from outbox o where o.kind = 'delivery' and o.subject = last.id)
      order by id limit ${limit}`,
  )
  return rows.map(toAttempt)
}

export type WaitingDelivery = { id: string; attempt: number; receiver: string; details: DeliveryDetails }

/** Work for the teller, due now. One that waits already is due now; one that is being told is left alone. */
export async function insertWaiting(db: Db, workspaceId: string, rows: readonly WaitingDelivery[]): Promise<number> {
  return run(
    db,
    sql`insert into outbox as o (kind, subject, workspace_id, order_at, due_at, attempt, receiver, details)
      select 'delivery', w.id, ${workspaceId}, n.at, n.at, w.attempt, w.receiver, w.details
      from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ attempt }) => attempt)}::smallint[], ${rows.map(({ receiver }) => receiver)}::text[],
        ${rows.map(({ details }) => json(details))}::jsonb[]) as w(id, attempt, receiver, details), (select chasqui_now() as at) n
      order by w.id
      on conflict (kind, subject) do update set due_at = least(o.due_at, excluded.due_at), details = excluded.details where o.claim is null`,
  )
}

/** Drops what waits to be told to an endpoint. */
export async function dropWaiting(db: Db, workspaceId: string, endpointId: string): Promise<void> {
  await run(
    db,
    sql`delete from outbox where kind = 'delivery' and workspace_id = ${workspaceId} and receiver = ${endpointReceiver(endpointId)}`,
  )
}

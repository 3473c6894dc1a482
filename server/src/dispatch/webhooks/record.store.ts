import type { DeliveryDetails } from '#core/webhooks'
import { all, type Db, json, run, sql } from '#kit/db'
import type { Health } from './judge-endpoint.ts'
import { lease } from './lease.store.ts'
import type { Ending, Telling } from './post-event.ts'

export type LockedEndpoint = {
  id: string
  workspaceId: string
  style: string
  state: 'enabled' | 'disabled'
  lease: string | null
  updatedAt: Date
} & Health

export async function lockEndpoints(db: Db, ids: readonly string[]): Promise<Map<string, LockedEndpoint>> {
  type Row = Omit<LockedEndpoint, 'failingSince' | 'probeAt'> & { failingSince: Date | null; probeAt: Date | null }
  const rows = await all(
    db,
    sql<Row>`select id, workspace_id as "workspaceId", style, state, lease, updated_at as "updatedAt", failures, failing_since as "failingSince", probe_at as "probeAt", probes
      from endpoints where id = any(${ids}::uuid[]) order by id for update`,
  )
  return new Map(rows.map((row) => [row.id, { ...row, failingSince: row.failingSince ?? undefined, probeAt: row.probeAt ?? undefined }]))
}

export type EndpointChange = {
  id: string
  health: Health
  /** Told up to here; undefined: not our lease. */
  cursor: number | undefined
  lease: 'keep' | 'extend' | 'end'
  disabled: string | undefined
}

/**
 * Here and below rows are named twice, by `= any` too: joined to a list alone, a table that was empty when it was last vacuumed seems so small that
 * the planner reads all of it for every row.
 */
export async function saveEndpoints(db: Db, rows: readonly EndpointChange[]): Promise<void> {
  await run(
    db,
    sql`update endpoints e set failures = u.failures, failing_since = u.since, probe_at = u.probe_at, probes = u.probes,
        cursor_seq = greatest(e.cursor_seq, coalesce(u.cursor, 0)),
        lease = case u.lease when 'end' then null else e.lease end,
        leased_until = case u.lease when 'end' then null when 'extend' then n.at + ${lease} else e.leased_until end,
        state = case when u.disabled is null then e.state else 'disabled' end,
        disabled_reason = coalesce(u.disabled, e.disabled_reason),
        updated_at = case when u.disabled is null then e.updated_at else n.at end
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.health.failures)}::int[], ${rows.map((row) => row.health.failingSince ?? null)}::timestamptz[],
        ${rows.map((row) => row.health.probeAt ?? null)}::timestamptz[], ${rows.map((row) => row.health.probes)}::smallint[], ${rows.map((row) => row.cursor ?? null)}::bigint[],
        ${rows.map((row) => row.lease)}::text[], ${rows.map((row) => row.disabled ?? null)}::text[]) as u(id, failures, since, probe_at, probes, cursor, lease, disabled),
        (select chasqui_now() as at) n
      where e.id = u.id and e.id = any(${rows.map((row) => row.id)}::uuid[])`,
  )
}

/** The log: one row an attempt. */
export async function insertAttempts(db: Db, rows: readonly { telling: Telling; ending: Ending }[]): Promise<void> {
  const of = <Value>(pick: (telling: Telling, ending: Ending) => Value) => rows.map(({ telling, ending }) => pick(telling, ending))
  await run(
    db,
    sql`insert into deliveries (workspace_id, id, attempt, endpoint_id, url, event_id, event_seq, event_type, style, told_as, status, error, latency_ms, answer, succeeded, at)
      select * from unnest(${of((t) => t.workspaceId)}::uuid[], ${of((t) => t.deliveryId)}::uuid[], ${of((t) => t.attempt)}::smallint[], ${of((t) => t.endpointId ?? null)}::uuid[],
        ${of((t) => t.url)}::text[], ${of((t) => t.event.id)}::uuid[], ${of((t) => t.event.seq)}::bigint[], ${of((t) => t.event.type)}::text[], ${of((t) => t.styleName)}::text[], ${of((t) => t.toldAs ?? null)}::text[],
        ${of((_, e) => e.status ?? null)}::smallint[], ${of((_, e) => e.error ?? null)}::text[], ${of((_, e) => e.latencyMs)}::int[], ${of((_, e) => e.answer ?? null)}::text[],
        ${of((_, e) => e.succeeded)}::bool[], ${of((_, e) => e.at)}::timestamptz[])
      on conflict do nothing`, // a claim that ended early is told twice, perhaps in the same millisecond
  )
}

export type Waiting = {
  subject: string
  workspaceId: string
  attempt: number
  receiver: string
  claim: string | undefined
  dueAt: Date | undefined
  details: DeliveryDetails
}

/** New work: retries of first attempts, and attempts that are still on the wire (claimed, due again when the claim ends). */
export async function insertWaiting(db: Db, rows: readonly Waiting[]): Promise<void> {
  await run(
    db,
    sql`insert into outbox (kind, subject, workspace_id, order_at, due_at, attempt, claim, receiver, details)
      select 'delivery', w.subject, w.workspace_id, n.at, coalesce(w.due_at, n.at + ${lease}), w.attempt, w.claim, w.receiver, w.details
      from unnest(${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.workspaceId)}::uuid[], ${rows.map((row) => row.attempt)}::smallint[], ${rows.map((row) => row.receiver)}::text[],
        ${rows.map((row) => row.claim ?? null)}::uuid[], ${rows.map((row) => row.dueAt ?? null)}::timestamptz[], ${rows.map((row) => json(row.details))}::jsonb[])
        as w(subject, workspace_id, attempt, receiver, claim, due_at, details), (select chasqui_now() as at) n
      on conflict do nothing`,
  )
}

export type Redated = { subject: string; claim: string; attempt: number; dueAt: Date }

export async function redateWaiting(db: Db, rows: readonly Redated[]): Promise<void> {
  await run(
    db,
    sql`update outbox_deliveries o set attempt = r.attempt, due_at = r.due_at, claim = null
      from unnest(${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.claim)}::uuid[], ${rows.map((row) => row.attempt)}::smallint[], ${rows.map((row) => row.dueAt)}::timestamptz[])
        as r(subject, claim, attempt, due_at)
      where o.kind = 'delivery' and o.subject = any(${rows.map((row) => row.subject)}::uuid[]) and o.subject = r.subject and o.claim = r.claim`,
  )
}

export async function removeWaiting(db: Db, rows: readonly { subject: string; claim: string }[]): Promise<void> {
  await run(
    db,
    sql`delete from outbox_deliveries o using unnest(${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.claim)}::uuid[]) as r(subject, claim)
      where o.kind = 'delivery' and o.subject = any(${rows.map((row) => row.subject)}::uuid[]) and o.subject = r.subject and o.claim = r.claim`,
  )
}

/** Deliveries that wait for each receiver, counted to `most`. */
export async function countWaiting(db: Db, receivers: readonly string[], most: number): Promise<Map<string, number>> {
  const rows = await all(
    db,
    sql<{ receiver: string; count: number }>`select r.receiver, w.count from unnest(${receivers}::text[]) as r(receiver),
      lateral (select count(*) as count from (select 1 from outbox_deliveries o where o.receiver = r.receiver limit ${most}) counted) w`,
  )
  return new Map(rows.map((row) => [row.receiver, row.count]))
}

/** For a transaction that began relaxed and turned out to say something that others will build on. */
export async function waitForDisk(db: Db): Promise<void> {
  await run(db, sql`set local synchronous_commit = on`)
}

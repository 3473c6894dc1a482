import type { DeliveryDetails } from '#core/webhooks'
import { all, type Db, first, json, run, sql } from '#kit/db'
import type { Health } from './judge-endpoint.ts'
import type { Ending, Telling } from './post-event.ts'

/** Seconds that a lease, or the claim of a waiting delivery, holds: a time-out, and room to write. */
const LEASE_SECONDS = 20
const lease = sql.raw(`interval '${LEASE_SECONDS} seconds'`)

export type EndpointRow = {
  id: string
  workspace_id: string
  url: string
  events: string[]
  style: string
  channel_id: string | null
  state: 'enabled' | 'disabled'
  secrets: Buffer
  cursor_seq: number
  probe_at: Date | null
  updated_at: Date
}
const COLUMNS = sql.raw(
  'e.id, e.workspace_id, e.url, e.events, e.style, e.channel_id, e.state, e.secrets, e.cursor_seq, e.probe_at, e.updated_at',
)

/** latest: the number of the workspace's last event. */
export type LeasedRow = EndpointRow & { latest: number }

/** Leases endpoints that have events to be told and whose circuit is closed or due for a probe; of these workspaces, or of all. */
export async function leaseEndpoints(
  db: Db,
  leaseId: string,
  search: { workspaceIds: readonly string[] | undefined; limit: number },
): Promise<LeasedRow[]> {
  const within = search.workspaceIds === undefined ? sql`` : sql`and e.workspace_id = any(${search.workspaceIds}::uuid[])`
  return all(
    db,
    sql<LeasedRow>`
      with ready as (
        select e.id, c.seq from endpoints e join workspace_counters c on c.workspace_id = e.workspace_id, (select chasqui_now() as at) n
        where e.state = 'enabled' and c.seq > e.cursor_seq ${within}
          and (e.leased_until is null or e.leased_until < n.at) and (e.probe_at is null or e.probe_at <= n.at)
        order by e.id limit ${search.limit} for update of e skip locked)
      update endpoints e set lease = ${leaseId}, leased_until = chasqui_now() + ${lease} from ready r where e.id = r.id
      returning ${COLUMNS}, r.seq as latest`,
  )
}

export type Claimed = { subject: string; workspace_id: string; attempt: number; receiver: string; details: DeliveryDetails }
const CLAIMED = sql.raw('o.subject, o.workspace_id, o.attempt, o.receiver, o.details')

/** Claims deliveries that are due; a claim that is not settled is due again when it ends. */
export async function claimDue(db: Db, claim: string, limit: number): Promise<Claimed[]> {
  return all(
    db,
    sql<Claimed>`
      with due as (
        select subject from outbox_deliveries where due_at <= (select chasqui_now()) order by due_at limit ${limit} for update skip locked)
      update outbox_deliveries o set claim = ${claim}, due_at = chasqui_now() + ${lease}, parked = false
      from due d where o.kind = 'delivery' and o.subject = d.subject returning ${CLAIMED}`,
  )
}

/** Claims deliveries that were parked because their receiver was busy. */
export async function claimParked(db: Db, claim: string, search: { receiver: string; limit: number }): Promise<Claimed[]> {
  return all(
    db,
    sql<Claimed>`
      with due as (
        select subject from outbox_deliveries where receiver = ${search.receiver} and parked order by due_at limit ${search.limit} for update skip locked)
      update outbox_deliveries o set claim = ${claim}, due_at = chasqui_now() + ${lease}, parked = false
      from due d where o.kind = 'delivery' and o.subject = d.subject returning ${CLAIMED}`,
  )
}

/** Receivers that have parked deliveries, of any node: looked up once at start. */
export async function parkedReceivers(db: Db, limit: number): Promise<string[]> {
  const rows = await all(db, sql<{ receiver: string }>`select distinct receiver from outbox_deliveries where parked limit ${limit}`)
  return rows.map(({ receiver }) => receiver)
}

export type Put = { subject: string; afterMs: number; parked: boolean }

/** Gives claims back untried, for later. */
export async function putBack(db: Db, claim: string, rows: readonly Put[]): Promise<void> {
  await run(
    db,
    sql`update outbox_deliveries o set claim = null, parked = p.parked, due_at = n.at + p.after * interval '1 millisecond'
      from unnest(${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.afterMs)}::float8[], ${rows.map((row) => row.parked)}::bool[]) as p(subject, after, parked),
        (select chasqui_now() as at) n
      where o.kind = 'delivery' and o.subject = p.subject and o.claim = ${claim}`,
  )
}

/** Do we hold its lease, and is it as it was when we took it? */
export async function isStillOurs(db: Db, { id, lease, updatedAt }: { id: string; lease: string; updatedAt: Date }): Promise<boolean> {
  const row = await first(
    db,
    sql<{
      updated_at: Date
    }>`select updated_at from endpoints where id = ${id} and state = 'enabled' and lease = ${lease} and leased_until > chasqui_now()`,
  )
  return row?.updated_at.getTime() === updatedAt.getTime()
}

export type EndpointNow = EndpointRow & { ahead: boolean }

/** Endpoints as they are now; ahead: it has events that were not told yet. */
export async function findEndpoints(db: Db, ids: readonly string[]): Promise<Map<string, EndpointNow>> {
  const rows = await all(
    db,
    sql<EndpointNow>`select ${COLUMNS}, c.seq > e.cursor_seq as ahead from unnest(${ids}::uuid[]) as i(id) join endpoints e on e.id = i.id
      join workspace_counters c on c.workspace_id = e.workspace_id`,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Takes the probe of an endpoint that is due for one; false when somebody else has it. */
export async function takeProbe(db: Db, id: string): Promise<boolean> {
  const taken = await run(
    db,
    sql`update endpoints set probe_at = chasqui_now() + ${lease} where id = ${id} and probe_at <= chasqui_now() and state = 'enabled'`,
  )
  return taken === 1
}

/** When the next delivery or probe is due. */
export async function nextDueAt(db: Db): Promise<Date | undefined> {
  const row = await first(
    db,
    sql<{ at: Date | null }>`select least((select due_at from outbox_deliveries order by due_at limit 1),
      (select min(probe_at) from endpoints where probe_at is not null and state = 'enabled' and (leased_until is null or leased_until < chasqui_now()))) as at`,
  )
  return row?.at ?? undefined
}

/** Events not yet told, of the endpoint that is furthest behind. */
export async function furthestBehind(db: Db): Promise<number> {
  const row = await first(
    db,
    sql<{
      lag: number
    }>`select coalesce(max(c.seq - e.cursor_seq), 0) as lag from endpoints e join workspace_counters c on c.workspace_id = e.workspace_id
      where e.state = 'enabled'`,
  )
  return row?.lag ?? 0
}

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
      where e.id = u.id`,
  )
}

/** The log: one row an attempt. */
export async function insertAttempts(db: Db, rows: readonly { telling: Telling; ending: Ending }[]): Promise<void> {
  const of = <Value>(pick: (telling: Telling, ending: Ending) => Value) => rows.map(({ telling, ending }) => pick(telling, ending))
  await run(
    db,
    sql`insert into deliveries (workspace_id, id, attempt, endpoint_id, url, event_id, event_seq, event_type, style, status, error, latency_ms, answer, succeeded, at)
      select * from unnest(${of((t) => t.workspaceId)}::uuid[], ${of((t) => t.deliveryId)}::uuid[], ${of((t) => t.attempt)}::smallint[], ${of((t) => t.endpointId ?? null)}::uuid[],
        ${of((t) => t.url)}::text[], ${of((t) => t.event.id)}::uuid[], ${of((t) => t.event.seq)}::bigint[], ${of((t) => t.event.type)}::text[], ${of((t) => t.styleName)}::text[],
        ${of((_, e) => e.status ?? null)}::smallint[], ${of((_, e) => e.error ?? null)}::text[], ${of((_, e) => e.latencyMs)}::int[], ${of((_, e) => e.answer ?? null)}::text[],
        ${of((_, e) => e.succeeded)}::bool[], ${of((_, e) => e.at)}::timestamptz[])`,
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
      where o.kind = 'delivery' and o.subject = r.subject and o.claim = r.claim`,
  )
}

export async function removeWaiting(db: Db, rows: readonly { subject: string; claim: string }[]): Promise<void> {
  await run(
    db,
    sql`delete from outbox_deliveries o using unnest(${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.claim)}::uuid[]) as r(subject, claim)
      where o.kind = 'delivery' and o.subject = r.subject and o.claim = r.claim`,
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

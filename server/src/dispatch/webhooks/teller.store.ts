import type { DeliveryDetails } from '#core/webhooks'
import { all, type Db, first, run, sql } from '#kit/db'
import { lease } from './lease.store.ts'

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
        order by random() limit ${search.limit} for update of e skip locked)
      update endpoints e set lease = ${leaseId}, leased_until = chasqui_now() + ${lease} from ready r where e.id = r.id
      returning ${COLUMNS}, r.seq as latest`,
  )
}

export type Claimed = { subject: string; workspace_id: string; attempt: number; receiver: string; details: DeliveryDetails }
const CLAIMED = sql.raw('o.subject, o.workspace_id, o.attempt, o.receiver, o.details')

/** Claims deliveries that are due; a claim that is not settled is due again when it ends. */
export const claimDue = (db: Db, claim: string, limit: number): Promise<Claimed[]> =>
  claimWhere(db, claim, { which: sql`due_at <= (select chasqui_now())`, limit })

/** Claims deliveries that were parked because their receiver was busy. */
export const claimParked = (db: Db, claim: string, { receiver, limit }: { receiver: string; limit: number }): Promise<Claimed[]> =>
  claimWhere(db, claim, { which: sql`receiver = ${receiver} and parked`, limit })

const claimWhere = (db: Db, claim: string, { which, limit }: { which: ReturnType<typeof sql>; limit: number }): Promise<Claimed[]> =>
  all(
    db,
    sql<Claimed>`
      with due as (select subject from outbox_deliveries where ${which} order by due_at limit ${limit} for update skip locked)
      update outbox_deliveries o set claim = ${claim}, due_at = chasqui_now() + ${lease}, parked = false
      where o.kind = 'delivery' and o.subject = any(array(select subject from due)) returning ${CLAIMED}`, // not joined: as in saveEndpoints
  )

/** Receivers that have parked deliveries, of any node: looked up once at start. */
export async function parkedReceivers(db: Db, limit: number): Promise<string[]> {
  const rows = await all(db, sql<{ receiver: string }>`select distinct receiver from outbox_deliveries where parked limit ${limit}`)
  return rows.map(({ receiver }) => receiver)
}

export type Parting = { parent: string; subject: string; toldAs: string }

/** Gives bodies of one event rows of their own, claimed with the row that stood for the event; those of which subject is parent keep that row. Answers the subjects that are ours: a claim may have ended. */
export async function partClaimed(db: Db, claim: string, rows: readonly Parting[]): Promise<Set<string>> {
  const ours = await all(
    db,
    sql<{ subject: string }>`
      with p as (
        select * from unnest(${rows.map((row) => row.parent)}::uuid[], ${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.toldAs)}::text[]) as p(parent, subject, told_as)),
      kept as (
        update outbox_deliveries o set details = o.details || jsonb_build_object('toldAs', p.told_as) from p
        where o.kind = 'delivery' and o.subject = any(${rows.map((row) => row.parent)}::uuid[]) and o.subject = p.parent and p.subject = p.parent and o.claim = ${claim} returning o.*),
      made as (
        insert into outbox (kind, subject, workspace_id, order_at, due_at, claim, receiver, details)
        select 'delivery', p.subject, k.workspace_id, k.order_at, k.due_at, k.claim, k.receiver, (k.details - 'before') || jsonb_build_object('toldAs', p.told_as)
        from kept k join p on p.parent = k.subject and p.subject <> p.parent
        returning subject)
      select subject from kept union all select subject from made`,
  )
  return new Set(ours.map(({ subject }) => subject))
}

export type Put = { subject: string; afterMs: number; parked: boolean }

/** Gives claims back untried, for later. */
export async function putBack(db: Db, claim: string, rows: readonly Put[]): Promise<void> {
  await run(
    db,
    sql`update outbox_deliveries o set claim = null, parked = p.parked, due_at = n.at + p.after * interval '1 millisecond'
      from unnest(${rows.map((row) => row.subject)}::uuid[], ${rows.map((row) => row.afterMs)}::float8[], ${rows.map((row) => row.parked)}::bool[]) as p(subject, after, parked),
        (select chasqui_now() as at) n
      where o.kind = 'delivery' and o.subject = any(${rows.map((row) => row.subject)}::uuid[]) and o.subject = p.subject and o.claim = ${claim}`,
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
    sql<EndpointNow>`select ${COLUMNS}, c.seq > e.cursor_seq as ahead from endpoints e
      join workspace_counters c on c.workspace_id = e.workspace_id where e.id = any(${ids}::uuid[])`,
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

import { all, type Db, first, run, sql } from '#kit/db'
import type { Endpoint } from './endpoint.ts'

export type EndpointRow = {
  id: string
  workspace_id: string
  url: string
  events: string[]
  style: string
  description: string | null
  channel_id: string | null
  state: Endpoint['state']
  disabled_reason: string | null
  failures: number
  failing_since: Date | null
  probe_at: Date | null
  created_at: Date
  updated_at: Date
}

const COLUMNS = sql.raw(
  'id, workspace_id, url, events, style, description, channel_id, state, disabled_reason, failures, failing_since, probe_at, created_at, updated_at',
)

const toEndpoint = (row: EndpointRow): Endpoint => ({
  id: row.id,
  workspaceId: row.workspace_id,
  url: row.url,
  events: row.events,
  style: row.style,
  description: row.description ?? undefined,
  channelId: row.channel_id ?? undefined,
  state: row.state,
  disabledReason: row.disabled_reason ?? undefined,
  failures: row.failures,
  failingSince: row.failing_since ?? undefined,
  nextProbeAt: row.probe_at ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export type NewEndpoint = Pick<Endpoint, 'id' | 'workspaceId' | 'url' | 'events' | 'style' | 'description' | 'channelId'> & {
  secrets: Buffer
}

/** Its cursor begins at the last event: it is told what happens from now on. */
export async function insertEndpoint(db: Db, row: NewEndpoint): Promise<Endpoint | undefined> {
  const inserted = await first(
    db,
    sql<EndpointRow>`insert into endpoints (id, workspace_id, url, events, style, description, channel_id, secrets, cursor_seq, created_at, updated_at)
      select ${row.id}, ${row.workspaceId}, ${row.url}, ${row.events}::text[], ${row.style}, ${row.description ?? null}, ${row.channelId ?? null}, ${row.secrets}, c.seq, n.at, n.at
      from workspace_counters c, (select chasqui_now() as at) n where c.workspace_id = ${row.workspaceId}
      returning ${COLUMNS}`,
  )
  return inserted && toEndpoint(inserted)
}

export async function findEndpoint(db: Db, workspaceId: string, id: string): Promise<Endpoint | undefined> {
  const row = await first(db, sql<EndpointRow>`select ${COLUMNS} from endpoints where workspace_id = ${workspaceId} and id = ${id}`)
  return row && toEndpoint(row)
}

/** Locks the endpoint until the transaction ends. */
export async function lockEndpoint(db: Db, workspaceId: string, id: string): Promise<{ endpoint: Endpoint; secrets: Buffer } | undefined> {
  const row = await first(
    db,
    sql<
      EndpointRow & { secrets: Buffer }
    >`select ${COLUMNS}, secrets from endpoints where workspace_id = ${workspaceId} and id = ${id} for update`,
  )
  return row && { endpoint: toEndpoint(row), secrets: row.secrets }
}

export type EndpointSearch = {
  style?: string | undefined
  order: 'newest' | 'oldest'
  after: string | undefined
  limit: number
  skip?: number | undefined
}

export async function searchEndpoints(
  db: Db,
  workspaceId: string,
  { style, order, after, limit, skip }: EndpointSearch,
): Promise<Endpoint[]> {
  const beyond = order === 'newest' ? sql.raw('<') : sql.raw('>')
  const direction = order === 'newest' ? sql.raw('desc') : sql.raw('asc')
  const rows = await all(
    db,
    sql<EndpointRow>`select ${COLUMNS} from endpoints where workspace_id = ${workspaceId}
      and (${style ?? null}::text is null or style = ${style ?? null}) and (${after ?? null}::uuid is null or id ${beyond} ${after ?? null}::uuid)
      order by id ${direction} limit ${limit} offset ${skip ?? 0}`,
  )
  return rows.map(toEndpoint)
}

export async function countEndpoints(db: Db, workspaceId: string, style: string | undefined): Promise<number> {
  const row = await first(
    db,
    sql<{
      count: number
    }>`select count(*) as count from endpoints where workspace_id = ${workspaceId} and (${style ?? null}::text is null or style = ${style ?? null})`,
  )
  return row?.count ?? 0
}

/** Writes what a person may change. Whoever tells it sees the new time and reads it anew. */
export async function saveEndpoint(db: Db, endpoint: Endpoint): Promise<Endpoint | undefined> {
  const row = await first(
    db,
    sql<EndpointRow>`update endpoints set url = ${endpoint.url}, events = ${endpoint.events}::text[], description = ${endpoint.description ?? null},
        channel_id = ${endpoint.channelId ?? null}, state = ${endpoint.state}, disabled_reason = ${endpoint.disabledReason ?? null},
        updated_at = chasqui_now()
      where workspace_id = ${endpoint.workspaceId} and id = ${endpoint.id} returning ${COLUMNS}`,
  )
  return row && toEndpoint(row)
}

/** Forgets failures and closes the circuit; `fromNow`: what happened while it was disabled is not told. */
export async function resetEndpoint(db: Db, workspaceId: string, id: string, fromNow: boolean): Promise<void> {
  await run(
    db,
    sql`update endpoints e set failures = 0, failing_since = null, probe_at = null, probes = 0,
        cursor_seq = case when ${fromNow}::boolean then greatest(e.cursor_seq, c.seq) else e.cursor_seq end
      from workspace_counters c where c.workspace_id = e.workspace_id and e.workspace_id = ${workspaceId} and e.id = ${id}`,
  )
}

/** Lets an endpoint whose circuit is open be tried at once. */
export async function probeNow(db: Db, workspaceId: string, id: string): Promise<void> {
  await run(
    db,
    sql`update endpoints set probe_at = chasqui_now() where workspace_id = ${workspaceId} and id = ${id} and probe_at is not null`,
  )
}

export async function saveSecrets(db: Db, workspaceId: string, id: string, secrets: Buffer): Promise<Endpoint | undefined> {
  const row = await first(
    db,
    sql<EndpointRow>`update endpoints set secrets = ${secrets}, updated_at = chasqui_now()
      where workspace_id = ${workspaceId} and id = ${id} returning ${COLUMNS}`,
  )
  return row && toEndpoint(row)
}

export const removeEndpoint = (db: Db, workspaceId: string, id: string): Promise<number> =>
  run(db, sql`delete from endpoints where workspace_id = ${workspaceId} and id = ${id}`)

/** Heard by every node when the transaction commits: read this workspace's endpoints anew. */
export async function notifyEndpoints(db: Db, workspaceId: string): Promise<void> {
  await run(db, sql`select pg_notify('chasqui_changed', ${`endpoint:${workspaceId}`})`)
}

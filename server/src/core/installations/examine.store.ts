import { type Db, first, sql } from '#kit/db'

export type Health = {
  version: string
  versionNumber: number
  fsync: string
  fullPageWrites: string
  standbys: number
  synchronousStandbys: number
  now: Date
  heldSince: Date | null
  rejects: number
  connectionsFree: number
}

export async function readHealth(db: Db): Promise<Health> {
  const row = await first(
    db,
    sql<Health>`
    select current_setting('server_version') as version, current_setting('server_version_num')::integer as "versionNumber", current_setting('fsync') as fsync,
      current_setting('full_page_writes') as "fullPageWrites", (select count(*) from pg_stat_replication)::integer as standbys,
      (select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum'))::integer as "synchronousStandbys", chasqui_now() as now,
      (select held_since from installation) as "heldSince", (select count(*) from inbound_rejects)::integer as rejects,
      current_setting('max_connections')::integer - (select count(*) from pg_stat_activity where backend_type = 'client backend')::integer as "connectionsFree"`,
  )
  if (!row) throw new Error('the database answered nothing')
  return row
}

import { all, type Db, sql } from '#kit/db'

export type Sealed = { kind: string; value: Buffer }

/** The latest of each kind, if there is any. */
export async function selectSealed(db: Db): Promise<Sealed[]> {
  return all(
    db,
    sql<Sealed>`
      (select 'credentials of channels' as kind, credentials as value from channels where credentials is not null and deleted_at is null order by id desc limit 1)
      union all (select 'secrets of webhooks', secrets from endpoints order by id desc limit 1)
      union all (select 'sessions of own numbers', value from session_keys limit 1)`,
  )
}

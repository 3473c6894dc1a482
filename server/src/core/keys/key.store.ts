import type { Actor } from '#kit/context'
import { all, type Db, first, run, sql } from '#kit/db'
import type { Key, KeyStyle } from './key.ts'

type KeyRow = {
  id: string
  workspace_id: string
  name: string
  owner: string
  style: KeyStyle
  scopes: string[]
  last_four: string
  created_at: Date
  last_used_at: Date | null
  revoked_at: Date | null
}

const KEY_COLUMNS = sql.raw('id, workspace_id, name, owner, style, scopes, last_four, created_at, last_used_at, revoked_at')

const toKey = (row: KeyRow): Key => ({
  id: row.id,
  workspaceId: row.workspace_id,
  name: row.name,
  owner: row.owner,
  style: row.style,
  scopes: row.scopes,
  lastFour: row.last_four,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at ?? undefined,
  revokedAt: row.revoked_at ?? undefined,
})

export type NewKey = Pick<Key, 'id' | 'workspaceId' | 'name' | 'owner' | 'style' | 'scopes' | 'lastFour'> & { hash: Buffer }

/** undefined: this very key exists already, here or in another workspace. */
export async function insertKey(db: Db, key: NewKey): Promise<Key | undefined> {
  const row = await first(
    db,
    sql<KeyRow>`insert into keys (id, workspace_id, name, owner, style, scopes, hash, last_four, created_at)
      values (${key.id}, ${key.workspaceId}, ${key.name}, ${key.owner}, ${key.style}, ${key.scopes}::text[], ${key.hash}, ${key.lastFour}, chasqui_now())
      on conflict (hash) do nothing returning ${KEY_COLUMNS}`,
  )
  return row && toKey(row)
}

export async function selectKeyOwner(db: Db, workspaceId: string, keyId: string): Promise<string | undefined> {
  const row = await first(db, sql<{ owner: string }>`select owner from keys where workspace_id = ${workspaceId} and id = ${keyId}`)
  return row?.owner
}

export async function findKeyWorkspace(db: Db, keyId: string): Promise<string | undefined> {
  const row = await first(db, sql<{ workspace_id: string }>`select workspace_id from keys where id = ${keyId}`)
  return row?.workspace_id
}

/** Newest first, one more than the limit. */
export async function selectKeys(db: Db, workspaceId: string, page: { limit: number; before: string | undefined }): Promise<Key[]> {
  const rows = await all(
    db,
    sql<KeyRow>`select ${KEY_COLUMNS} from keys where workspace_id = ${workspaceId} and (${page.before ?? null}::uuid is null or id < ${page.before ?? null})
      order by id desc limit ${page.limit + 1}`,
  )
  return rows.map(toKey)
}

/** Revokes a key, once; tells all nodes with the commit. undefined: no such key. */
export async function updateRevoked(db: Db, workspaceId: string, keyId: string): Promise<{ key: Key; hash: Buffer } | undefined> {
  const row = await first(
    db,
    sql<
      KeyRow & { hash: Buffer }
    >`update keys set revoked_at = coalesce(revoked_at, chasqui_now()) where workspace_id = ${workspaceId} and id = ${keyId}
      returning ${KEY_COLUMNS}, hash`,
  )
  if (!row) return undefined
  await run(db, sql`select pg_notify('chasqui_changed', ${`key:${row.hash.toString('hex')}`})`)
  return { key: toKey(row), hash: row.hash }
}

/** Whose key it is; `stale`: its last use was noted over a minute ago. undefined: unknown or revoked. */
export async function selectActor(db: Db, hash: Buffer): Promise<{ actor: Actor & { id: string }; stale: boolean } | undefined> {
  const row = await first(
    db,
    sql<{ id: string; workspace_id: string; scopes: string[]; organization_id: string; environment: 'live' | 'test'; stale: boolean }>`
      select k.id, k.workspace_id, k.scopes, w.organization_id, w.environment,
        k.last_used_at is null or k.last_used_at < chasqui_now() - interval '1 minute' as stale
      from keys k join workspaces w on w.id = k.workspace_id where k.hash = ${hash} and k.revoked_at is null`,
  )
  if (!row) return undefined
  const { id, workspace_id: workspaceId, organization_id: organizationId, environment, scopes } = row
  return { actor: { kind: 'key', id, organizationId, workspaceId, environment, scopes }, stale: row.stale }
}

/** Notes that keys are in use; a key that another node has just noted is left alone. */
export async function touchKeys(db: Db, keyIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`with used as (
        select id from keys where id = any(${keyIds}::uuid[]) and (last_used_at is null or last_used_at < chasqui_now() - interval '1 minute')
        order by id for update
      )
      update keys k set last_used_at = chasqui_now() from used where k.id = used.id`,
  )
}

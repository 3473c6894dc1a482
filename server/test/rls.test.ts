import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { all, first, inTransaction, run, sql } from '../src/kit/db.ts'
import { newId } from '../src/kit/ids.ts'
import { testWorkspace } from './context.ts'
import { type TestDatabase, testDatabase } from './database.ts'

let open: TestDatabase
let workspaceIds: [string, string]
let tables: { name: string; key: string }[]

/** Every table that belongs to a workspace, and the parts of partitioned ones. */
const TENANT_TABLES = sql<{ name: string; key: string; kind: string; is_part: boolean; has_policy: boolean; is_granted: boolean }>`
  select c.relname as name, case c.relname when 'workspaces' then 'id' else 'workspace_id' end as key, c.relkind as kind, c.relispartition as is_part,
    c.relrowsecurity and exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polroles @> array[(select oid from pg_roles where rolname = 'chasqui_tenant')]) as has_policy,
    has_table_privilege('chasqui_tenant', c.oid, 'select') as is_granted
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind in ('r', 'p')
    and (c.relname = 'workspaces' or exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped))
  order by c.relname`

beforeAll(async () => {
  open = await testDatabase({ own: true })
  const { live, test: other } = await testWorkspace(open)
  workspaceIds = [live.id, other.id]
  tables = (await all(open.database.db, TENANT_TABLES)).filter(({ is_part }) => !is_part)
  for (const workspaceId of workspaceIds) for (const { name } of tables) await fill(name, workspaceId)
})
afterAll(() => open.close())

/** A row of each table in the workspace, whatever its columns: those without a default get a value of their type. */
async function fill(table: string, workspaceId: string): Promise<void> {
  const { db } = open.database
  if (
    await first(
      db,
      sql`select 1 from ${sql.table(table)} where ${sql.ref(table === 'workspaces' ? 'id' : 'workspace_id')} = ${workspaceId}`,
    )
  )
    return
  const columns = await all(
    db,
    sql<{ name: string; type: string }>`select column_name as name, data_type as type from information_schema.columns
      where table_schema = 'public' and table_name = ${table} and is_nullable = 'NO' and column_default is null and is_identity = 'NO'`,
  )
  const names = [...new Set([...columns.map(({ name }) => name), 'workspace_id'])]
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const values = names.map((name) => (name === 'workspace_id' ? sql`${workspaceId}` : anyValue(table, name, types.get(name) ?? 'text')))
  await inTransaction(db, {}, async (tx) => {
    await run(tx, sql`set local session_replication_role = replica`) // foreign keys are not what this is about
    await run(tx, sql`insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))}) values (${sql.join(values)})`)
  })
}

const CHOSEN: Record<string, string> = {
  'campaign_recipients.state': 'waiting',
  'campaigns.state': 'draft',
  'channels.kind': 'cloud',
  'channels.state': 'open',
  'contact_identities.kind': 'phone',
  'messages.direction': 'in',
  'outbox.kind': 'send',
}

function anyValue(table: string, name: string, type: string) {
  const chosen = CHOSEN[`${table}.${name}`]
  if (chosen !== undefined) return sql`${chosen}`
  const values: Record<string, unknown> = {
    uuid: newId(),
    bytea: Buffer.from(newId()),
    jsonb: '{}',
    boolean: true,
    date: '2026-01-01',
    ARRAY: [],
  }
  if (type.startsWith('timestamp')) return sql`now()`
  if (/int|double|numeric/.test(type)) return sql`1`
  return sql`${type in values ? values[type] : `x${newId()}`}`
}

const countsAs = (setting: string | undefined): Promise<Record<string, number>> =>
  inTransaction(open.database.db, {}, async (tx) => {
    await run(tx, sql`set local role chasqui_tenant`)
    if (setting !== undefined) await run(tx, sql`select set_config('app.workspace_id', ${setting}, true)`)
    const counts: Record<string, number> = {}
    for (const { name, key } of tables) {
      const rows = await all(tx, sql<{ id: string }>`select ${sql.ref(key)} as id from ${sql.table(name)}`)
      counts[name] = rows.length
      if (setting) expect(new Set(rows.map(({ id }) => id)), name).toEqual(new Set([setting]))
    }
    return counts
  })

describe('row-level security', () => {
  test('every table of a workspace has a policy for the tenant\u2019s role', async () => {
    const found = await all(open.database.db, TENANT_TABLES)
    expect(found.filter(({ is_part }) => !is_part).length).toBeGreaterThan(20)
    expect(found.filter(({ is_part, has_policy }) => !is_part && !has_policy).map(({ name }) => name)).toEqual([])
    // a part that could be read by its own name would be a way around its table's policy
    expect(found.filter(({ is_part, is_granted, has_policy }) => is_part && is_granted && !has_policy).map(({ name }) => name)).toEqual([])
  })

  test('the owner sees rows of both workspaces in every table', async () => {
    for (const { name, key } of tables) {
      for (const workspaceId of workspaceIds) {
        const row = await first(
          open.database.db,
          sql<{ count: number }>`select count(*) as count from ${sql.table(name)} where ${sql.ref(key)} = ${workspaceId}`,
        )
        expect(row?.count, name).toBeGreaterThan(0)
      }
    }
  })

  test.each([
    ['no workspace', undefined],
    ['an empty one', ''],
  ])('with %s set, every table is empty', async (_, setting) => {
    const counts = await countsAs(setting)
    expect(Object.entries(counts).filter(([, count]) => count > 0)).toEqual([])
  })

  test('with a workspace set, its own rows are there and nobody else\u2019s', async () => {
    for (const workspaceId of workspaceIds) {
      const counts = await countsAs(workspaceId)
      expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
    }
  })

  test('nothing is written into another workspace', async () => {
    const [mine, other] = workspaceIds
    const attempt = inTransaction(open.database.db, { workspaceId: mine }, (tx) =>
      run(tx, sql`insert into contacts (id, workspace_id) values (${newId()}, ${other})`),
    )
    await expect(attempt).rejects.toThrow(/row-level security/)
    const changed = await inTransaction(open.database.db, { workspaceId: mine }, (tx) =>
      run(tx, sql`update contacts set name = 'mine' where workspace_id = ${other}`),
    )
    expect(changed).toBe(0)
  })

  test('a tenant sees its own organization alone', async () => {
    await testWorkspace(open) // somebody else
    const seen = await inTransaction(open.database.db, { workspaceId: workspaceIds[0] }, (tx) =>
      all(tx, sql`select name from organizations`),
    )
    expect(seen).toHaveLength(1)
    const nobody = await inTransaction(open.database.db, {}, async (tx) => {
      await run(tx, sql`set local role chasqui_tenant`)
      return all(tx, sql`select name from organizations`)
    })
    expect(nobody).toEqual([])
  })

  test('the role is gone with its transaction', async () => {
    await inTransaction(open.database.db, { workspaceId: workspaceIds[0] }, (tx) => all(tx, sql`select 1`))
    const row = await first(open.database.db, sql<{ count: number }>`select count(*) as count from workspaces`)
    expect(row?.count).toBeGreaterThan(1)
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudience, deleteAudience } from '#core/audiences'
import { all, sql } from '#kit/db'
import { testWorkspace } from '../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { purgeOld, rollPartitions } from './sweep.store.ts'

let open: TestDatabase

beforeAll(async () => {
  open = await testDatabase({ own: true })
})
afterAll(() => open.close())

const daysOf = async (parent: string): Promise<string[]> => {
  const parts = await all(
    open.database.db,
    sql<{ name: string }>`select c.relname as name from pg_inherits h join pg_class c on c.oid = h.inhrelid
      where h.inhparent = ${parent}::regclass and c.relname ~ '_[0-9]{8}$' order by 1`,
  )
  return parts.map(({ name }) => name.slice(-8))
}
const dayAfter = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')

test('the days ahead are there before they come, those past keeping are gone', async () => {
  const parents = ['events', 'deliveries', 'inbound_events']
  await open.moveClock('3 days')
  await rollPartitions(open.database.db)
  for (const parent of parents) expect(await daysOf(parent)).toEqual([0, 1, 2, 3, 4, 5, 6].map(dayAfter))
  await open.moveClock('10 days')
  await rollPartitions(open.database.db)
  for (const parent of parents) expect(await daysOf(parent)).toEqual([2, 3, 4, 5, 6, 10, 11, 12, 13].map(dayAfter))
})

test('no part spends an analyze on what is common inside jsonb', async () => {
  await open.moveClock('40 days')
  await rollPartitions(open.database.db)
  const columns = await all(
    open.database.db,
    sql<{ name: string; target: number }>`select c.relname || '.' || a.attname as name, coalesce(a.attstattarget, -1) as target
      from pg_inherits h join pg_class c on c.oid = h.inhrelid and c.relkind = 'r' join pg_attribute a on a.attrelid = c.oid and a.atttypid = 'jsonb'::regtype`,
  )
  expect(columns.length).toBeGreaterThan(20)
  expect(columns.filter(({ target }) => target !== 0)).toEqual([])
})

test('what is left of a deleted audience goes a day later', async () => {
  await open.moveClock('0')
  const { ctx } = await testWorkspace(open)
  const members = [{ to: '+14155550123' }, { to: '+14155550124' }]
  const gone = await createAudience(ctx, { name: 'gone', members })
  const stays = await createAudience(ctx, { name: 'stays', members })
  await deleteAudience(ctx, { audienceId: gone.id })
  const left = async () => {
    const rows = await all(
      open.database.db,
      sql<{ id: string; n: number }>`
      select a.id, count(m.id)::integer as n from audiences a left join audience_members m on m.audience_id = a.id where a.workspace_id = ${ctx.workspaceId} group by 1`,
    )
    return Object.fromEntries(rows.map(({ id, n }) => [id, n]))
  }
  await purgeOld(open.database.db)
  expect(await left()).toEqual({ [gone.id]: 2, [stays.id]: 2 })
  await open.moveClock('25 hours')
  await purgeOld(open.database.db)
  expect(await left()).toEqual({ [stays.id]: 2 })
})

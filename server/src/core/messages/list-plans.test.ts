import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, type Db, first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { selectMessages } from './message.store.ts'

const MANY = 20_000
const FEW = 7

let house: TestDatabase
const workspaceId = newId()
beforeAll(async () => {
  house = await testDatabase({ own: true })
  const { db } = house.database
  await run(
    db,
    sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, address, state, content, created_at, ended_at)
      select ${workspaceId}, (lpad(to_hex((extract(epoch from made.at) * 1000)::bigint), 12, '0') || '7000' || lpad(to_hex(i), 16, '8'))::uuid, 'out',
        gen_random_uuid(), gen_random_uuid(), '+12025550100', case when i <= ${FEW} then 'failed' else 'read' end, '{"type":"text","text":"x"}', made.at,
        case when i <= ${FEW} then made.at end
      from generate_series(1, ${MANY}::int) as i cross join lateral (select now() - interval '20 days' + i * interval '1 minute' as at) made`,
  )
  await run(db, sql`analyze messages`)
})
afterAll(() => house.close())

/** Rows of messages that PostgreSQL looks at while `work` asks. */
async function rowsRead(work: (db: Db) => Promise<unknown>): Promise<number> {
  return inTransaction(house.database.db, {}, async (db) => {
    const read = async () =>
      (
        await first(
          db,
          sql<{
            read: number
          }>`select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::integer as read from pg_stat_xact_user_tables where relname like 'messages%'`,
        )
      )?.read ?? Number.NaN
    const before = await read()
    await work(db)
    return (await read()) - before
  })
}

test('the few that failed are found without a look at the many that did not', async () => {
  const found = await rowsRead(async (db) => {
    const messages = await selectMessages(db, workspaceId, { states: ['failed', 'expired'] }, { order: 'desc', limit: 50 })
    expect(messages).toHaveLength(FEW)
  })
  expect(found).toBeLessThan(100)
})

test('a list from a time on does not begin with the oldest', async () => {
  const [last] = await all(
    house.database.db,
    sql<{ at: Date }>`select max(created_at) as at from messages where workspace_id = ${workspaceId}`,
  )
  const since = new Date((last?.at.getTime() ?? 0) - 60 * 60_000)
  const found = await rowsRead(async (db) => {
    const messages = await selectMessages(db, workspaceId, { since }, { order: 'asc', limit: 500 })
    expect(messages).toHaveLength(61)
  })
  expect(found).toBeLessThan(400)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChannel } from '#core/channels'
import type { Context } from '#kit/context'
import { first, inTransaction, run, sql } from '#kit/db'
import { type TestDatabase, testDatabase } from '#test/database'
import { testWorkspace } from '../../../test/context.ts'
import { listConversations } from './index.ts'

const MANY = 20_000
const FEW = 7

let house: TestDatabase
let ctx: Context
beforeAll(async () => {
  house = await testDatabase({ own: true })
  ctx = (await testWorkspace(house, { environment: 'test' })).ctx
  const own = await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' })
  await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' })
  await run(
    ctx.db,
    sql`insert into conversations (id, workspace_id, channel_id, address, last_message_at, archived_at, pinned_at, marked_unread)
      select gen_random_uuid(), ${ctx.workspaceId}, ${own.id}, case when i % 2857 = 0 then i || '@g.us' else '+1' || (2025550000 + i) end, now() - i * interval '1 minute',
        case when i <= ${FEW} then now() end, case when i <= ${FEW} then now() end, i <= ${FEW} from generate_series(1, ${MANY}::int) as i`,
  )
  await run(ctx.db, sql`analyze conversations`)
})
afterAll(() => house.close())

/** A page, and the rows of conversations that PostgreSQL looks at for it. */
async function pageOf(wish: Wish): Promise<{ found: number; read: number }> {
  return inTransaction(ctx.db, {}, async (db) => {
    const read = async () =>
      (
        await first(
          db,
          sql<{
            read: number
          }>`select (seq_tup_read + idx_tup_fetch)::integer as read from pg_stat_xact_user_tables where relname = 'conversations'`,
        )
      )?.read ?? Number.NaN
    const before = await read()
    const { rows } = await listConversations({ ...ctx, db, transaction: { events: [], afterCommit: [] } }, wish)
    return { found: rows.length, read: (await read()) - before }
  })
}

type Wish = Parameters<typeof listConversations>[1]

test.each<[string, Wish]>([
  ['archived', { archived: true }],
  ['pinned', { pinned: true, archived: true }],
  ['marked as unread', { markedUnread: true }],
  ['of groups', { kinds: ['group'] }],
])('the few %s are found without a look at the many that are not', async (_, wish) => {
  const { found, read } = await pageOf({ ...wish, oneEach: true })
  expect(found).toBe(FEW)
  expect(read).toBeLessThan(100)
})

test('a page of all reads no more than a page', async () => {
  const { found, read } = await pageOf({ archived: false, oneEach: true, limit: 50 })
  expect(found).toBe(50)
  expect(read).toBeLessThan(300)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { move, unchanged, writeChanges } from '#core/messages'
import { type Db, first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { bareChannel, putMessages } from '#test/engine-fixture'
import { leaseRows } from './claim.store.ts'
import { lockStarts } from './start.store.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true })
})
afterAll(() => house.close())

const EVENTS = { append: () => undefined, hint: () => undefined }
const BATCH = 200

/** Rows that PostgreSQL looked at in this transaction, of the tables that have as many rows as there are messages. */
async function rowsRead(db: Db): Promise<number> {
  const row = await first(
    db,
    sql<{ read: number }>`select coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::integer as read from pg_stat_xact_user_tables
      where relname like 'outbox%' or relname like 'messages%'`,
  )
  return row?.read ?? Number.NaN
}

/** Claims, starts and ends messages; answers what was read for each of them. */
async function sendAll(channel: Awaited<ReturnType<typeof bareChannel>>, count: number): Promise<number> {
  const at = house.clock.now()
  const lease = { claim: newId(), now: at, until: new Date(at.getTime() + 5_000) }
  const share = { queueId: channel.queues[0] ?? 0, channelId: channel.id, most: count }
  return inTransaction(house.database.engine, {}, async (db) => {
    const leased = await leaseRows(db, [share], lease, count)
    expect(leased).toHaveLength(count)
    const starts = await lockStarts(db, leased, { id: lease.claim, now: at })
    expect(starts.filter((row) => row.leased)).toHaveLength(count)
    const begun = starts.map((row) => move(unchanged(row), 'sending', { attempt: 1, sendingAt: at }))
    await writeChanges(db, begun, EVENTS)
    const sent = begun.map(({ after }) => ({ ...move(unchanged(after), 'sent', { sentAt: at }), work: { is: 'done' as const } }))
    await writeChanges(db, sent, EVENTS)
    return (await rowsRead(db)) / count
  })
}

test('what a message costs does not grow with what waits, though the outbox was empty at its last vacuum and plans were made for a small house', async () => {
  const { database, clock } = house
  const channel = await bareChannel(database, { rate: 1_000, capacity: 1_000, at: clock.now() })
  for (let early = 0; early < 12; early++) {
    await putMessages(database, channel, { count: 2, at: clock.now() })
    await sendAll(channel, 2)
  }
  await putMessages(database, channel, { count: 500, at: clock.now() })
  await run(database.db, sql`delete from outbox`)
  await run(database.db, sql`vacuum (truncate off) outbox_sends`)
  await putMessages(database, channel, { count: 8_000, at: clock.now() })
  expect(await sendAll(channel, BATCH)).toBeLessThan(40)
  expect(await sendAll(channel, BATCH)).toBeLessThan(40)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { bareChannel, putMessages } from '#test/engine-fixture'
import { unparkFreed } from './start.store.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase()
})
afterAll(() => house.close())

test('who parks while the end of its predecessor is being committed is due at once, not at the end of its park', async () => {
  const { database, clock } = house
  const channel = await bareChannel(database, { rate: 100, capacity: 100, at: clock.now() })
  const [before, follower] = await putMessages(database, channel, { count: 2, at: clock.now(), conversationId: newId() })
  if (!before || !follower) throw new Error('two were put')
  let unparking: Promise<number[]> | undefined
  await inTransaction(database.engine, {}, async (settling) => {
    await run(settling, sql`delete from outbox_sends where subject = ${before.id}`)
    await run(
      database.engine,
      sql`update outbox_sends set parked = true, due_at = ${new Date(clock.now().getTime() + 5_000)} where subject = ${follower.id}`,
    )
    unparking = unparkFreed(database.engine, [follower.id], clock.now())
    await waitsForALock()
  })
  expect(await unparking).toEqual(channel.queues.slice(0, 1))
  expect(await all(database.db, sql`select parked from outbox_sends where subject = ${follower.id}`)).toEqual([{ parked: false }])
})

/** Until the look stands before the row that is being deleted. */
async function waitsForALock(): Promise<void> {
  for (let looks = 0; looks < 500; looks++) {
    const [found] = await all(
      house.database.db,
      sql<{
        waits: boolean
      }>`select exists (select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%ahead as materialized%') as waits`,
    )
    if (found?.waits) return
    await new Promise((done) => setTimeout(done, 10))
  }
  throw new Error('the look did not wait for the row')
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { guardChannel } from '#core/channels'
import { all, first, inTransaction, run, sql } from '#kit/db'
import { callNext, mendLines } from '../../src/dispatch/line.store.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { untilSomebodyWaits } from './engine-stage.ts'
import { guardedOf, openOwnNumber, paceOf, putToPeople } from './own-number.ts'

const start = new Date('2026-03-02T10:00:00Z') // a Monday
const seconds = (count: number) => new Date(start.getTime() + count * 1_000)

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())
beforeEach(() => run(test.database.db, sql`delete from outbox`))

/** Two own numbers, each with somebody who never wrote to it: one claim holds both. */
async function twoNumbers() {
  const numbers = [await openOwnNumber(test, start), await openOwnNumber(test, start)] as const
  for (const { channel } of numbers) await putToPeople(test, channel, { count: 1, at: start })
  return numbers
}

const notedOf = async ({ channel }: Awaited<ReturnType<typeof openOwnNumber>>) =>
  (await first(test.database.db, sql<{ n: number }>`select count(*)::integer as n from own_sends where channel_id = ${channel.id}`))?.n

describe('what several own numbers start in one claim', () => {
  it('is counted for all of them in the commit that starts it, or for none', async () => {
    const numbers = await twoNumbers()
    await run(
      test.database.db,
      sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''no events''; end'`,
    )
    await run(test.database.db, sql`create trigger refuse before insert on events for each row execute function refuse()`)
    await expect(numbers[0].round(start)).rejects.toThrow('no events')
    await run(test.database.db, sql`drop trigger refuse on events`)
    for (const number of numbers) {
      expect(await notedOf(number)).toBe(0)
      expect((await paceOf(test, number.channel))?.sent ?? 0).toBe(0)
    }
    const begun = await numbers[0].round(seconds(6))
    expect(begun).toHaveLength(2)
    const channelIds = numbers.map(({ channel }) => channel.id)
    const writers = await all(
      test.database.db,
      sql`select xmin::text from cold_paces where channel_id = any(${channelIds}::uuid[]) union select xmin::text from own_sends where channel_id = any(${channelIds}::uuid[])
        union select xmin::text from messages where id = any(${begun}::uuid[])`,
    )
    expect(writers).toHaveLength(1)
    for (const number of numbers) {
      expect(await notedOf(number)).toBe(1)
      expect(await paceOf(test, number.channel)).toMatchObject({ sent: 1 })
    }
  })

  it('undoes no stop that was waiting for that commit', async () => {
    const { database } = test
    const numbers = await twoNumbers()
    const ids = numbers.map(({ channel }) => channel.id).sort()
    const stops = (id: string) =>
      inTransaction(database.engine, {}, (db) => guardChannel(db, { id, settings: {} }, 'contacts_locked', start))
    const held = Promise.withResolvers<void>()
    const locked = Promise.withResolvers<void>()
    const holding = inTransaction(database.db, {}, async (db) => {
      const workspaceIds = numbers.map(({ channel }) => channel.workspaceId)
      await run(db, sql`select 1 from workspace_counters where workspace_id = any(${workspaceIds}::uuid[]) for update`)
      locked.resolve()
      await held.promise
    })
    await locked.promise
    const begun = numbers[0].round(start)
    await untilSomebodyWaits(database)
    const stopping = ids.map(stops)
    await untilSomebodyWaits(database, 3)
    held.resolve()
    await Promise.all([holding, begun, ...stopping])
    for (const { channel } of numbers)
      expect(await paceOf(test, channel)).toMatchObject({ sent: 1, stops: 1, stopReason: 'contacts_locked' })
  })
})

it('a guard looks when somebody new is to be written to, not when a message that began before is tried again', async () => {
  const number = await openOwnNumber(test, start, { firstDay: 50, gapSeconds: { least: 1, most: 1 } })
  await putToPeople(test, number.channel, { count: 21, at: start })
  const [lost] = await number.round(start)
  let failed = 0
  for (let at = seconds(2); failed < 20; at = new Date(at.getTime() + 2_000))
    for (const id of await number.round(at))
      if (id !== lost) {
        await number.settle(id, at, true)
        failed++
      }
  const later = seconds(120)
  expect(await number.round(later)).toEqual([lost])
  expect(await guardedOf(test, number.channel)).toEqual([])
  await putToPeople(test, number.channel, { count: 1, at: later })
  expect(await number.round(seconds(130))).toEqual([lost])
  expect(await guardedOf(test, number.channel)).toHaveLength(1)
  expect(await paceOf(test, number.channel)).toMatchObject({ stops: 1, stopReason: 'failures', stoppedUntil: expect.any(Date) })
})

it('nobody stays in a line when the rules for it are taken away', async () => {
  const number = await openOwnNumber(test, start)
  const { channel } = number
  await putToPeople(test, channel, { count: 700, at: start })
  await number.live(start, seconds(30))
  await run(test.database.db, sql`update channels set settings = '{"pacing": {"cold": "off"}}' where id = ${channel.id}`)
  // by somebody who did not know it yet
  await run(test.database.db, sql`update cold_paces set calls_at = chasqui_now() + interval '1 day' where channel_id = ${channel.id}`)
  await mendLines(test.database.engine)
  const now = test.clock.now().getTime()
  for (const second of [1, 2, 3]) await callNext(test.database.engine, new Date(now + second * 1_000))
  const lines = sql`select in_line, count(*)::integer as count from outbox_sends where queue_id = ${channel.queues[0]} group by 1`
  expect(await all(test.database.db, lines)).toEqual([{ in_line: false, count: 699 }])
  expect(await paceOf(test, channel)).toMatchObject({ callsAt: null })
})

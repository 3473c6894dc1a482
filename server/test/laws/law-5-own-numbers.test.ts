import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockColdPaces } from '#core/channels'
import { optOutWords } from '#core/contacts'
import { appendEvents } from '#core/events'
import { type QueueTouches, receiveMessages } from '#core/messages'
import { all, inTransaction, run, sql } from '#kit/db'
import { returnCold } from '../../src/dispatch/return-cold.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { putMessages } from '../engine-fixture.ts'
import { guardedOf, openOwnNumber, paceOf, putToPeople, type Sent } from './own-number.ts'

const HOUR_MS = 3_600_000
const start = new Date('2026-03-02T10:00:00Z') // a Monday
const after = (hours: number) => new Date(start.getTime() + hours * HOUR_MS)

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())
beforeEach(() => run(test.database.db, sql`delete from outbox`))

const perDay = (sent: readonly Sent[]) =>
  Object.values(Object.groupBy(sent, ({ at }) => at.toISOString().slice(0, 10))).map((day) => day?.length)
function expectGaps(sent: readonly Sent[], leastSeconds: number): void {
  const times = sent.map(({ at }) => at.getTime()).sort((a, b) => a - b)
  for (const [i, time] of times.slice(1).entries()) expect(time - (times[i] ?? 0)).toBeGreaterThanOrEqual(leastSeconds * 1_000)
}

describe('people who never wrote to an own number', () => {
  it('are written to a few a day, a quarter more each day on which it is linked, never two within the gap', async () => {
    const number = await openOwnNumber(test, start, { replyPercent: 0 })
    await putToPeople(test, number.channel, { count: 40, at: start })
    await number.live(start, after(4 * 24 + 13))
    expect(perDay(number.sent)).toEqual([5, 6, 7, 9, 12])
    expectGaps(number.sent, 45)
    expect(await paceOf(test, number.channel)).toMatchObject({ linkedDays: 5, sent: 12 })
  })

  it('are not counted twice, nor written to faster, by two nodes that start at the same moment', async () => {
    const number = await openOwnNumber(test, start)
    await putToPeople(test, number.channel, { count: 20, at: start })
    await number.live(start, after(24 + 13), { nodes: 3 })
    expect(perDay(number.sent)).toEqual([5, 6])
    expectGaps(number.sent, 45)
    expect(new Set(number.sent.map(({ id }) => id)).size).toBe(number.sent.length)
  })

  it('begin one at a time, although three nodes hold one each', async () => {
    const number = await openOwnNumber(test, start)
    await putToPeople(test, number.channel, { count: 3, at: start })
    await inTransaction(test.database.engine, {}, (db) => lockColdPaces(db, [number.channel.id], start))
    const one = { of: () => 1, total: 1, limited: [] }
    const claims = [await number.stage.claim(start, one), await number.stage.claim(start, one), await number.stage.claim(start, one)]
    expect(claims.map(({ rows }) => rows.length)).toEqual([1, 1, 1])
    const begun = await Promise.all(claims.map((claim) => number.stage.start(claim, start)))
    expect(begun.flat()).toHaveLength(1)
    expect(await paceOf(test, number.channel)).toMatchObject({ sent: 1 })
  })

  it('do not stand in the way of somebody who wrote, however many they are', async () => {
    const number = await openOwnNumber(test, start, {}, { rate: 1 / 3, capacity: 1 })
    await putToPeople(test, number.channel, { count: 200, at: after(-1) })
    const [warm] = await putToPeople(test, number.channel, { count: 1, at: after(-0.5), wrote: true })
    const seconds = (count: number) => new Date(start.getTime() + count * 1_000)
    const begun = [await number.round(start), await number.round(seconds(3)), await number.round(seconds(3.1))]
    expect(begun.map(({ length }) => length)).toEqual([1, 0, 1]) // a cold one, one that has to wait and all behind it, and then
    expect(begun[2]).toEqual([warm?.id])
    expect(number.claimed).toBe(3)
    const [line] = await all(
      test.database.db,
      sql<{ count: number }>`select count(*)::integer as count from outbox_sends where in_line and queue_id = ${number.channel.queues[0]}`,
    )
    expect(line).toEqual({ count: 199 })
  })

  it('are written to in their business hours', async () => {
    const night = new Date('2026-03-07T20:00:00Z') // Saturday evening in Germany
    const number = await openOwnNumber(test, night, { hours: { from: '09:00', to: '19:00', days: [1, 2, 3, 4, 5, 6] } })
    await putToPeople(test, number.channel, { count: 8, at: night })
    await number.live(night, new Date('2026-03-10T20:00:00Z'))
    expect(perDay(number.sent)).toEqual([6, 2]) // Monday is the second day on which it was seen linked
    for (const { at } of number.sent) {
      expect(at.getUTCHours()).toBeGreaterThanOrEqual(8) // 9 there
      expect(at.getUTCHours()).toBeLessThan(18)
    }
  })

  it('keep nobody waiting who wrote, whether before or behind them', async () => {
    const number = await openOwnNumber(test, start)
    await putToPeople(test, number.channel, { count: 30, at: after(-1) })
    const warm = await putToPeople(test, number.channel, { count: 10, at: after(-0.5), wrote: true })
    const begun = new Set(await number.round(start))
    expect(warm.every(({ id }) => begun.has(id))).toBe(true)
    expect(begun.size).toBe(11)
  })

  it('wait without being looked at, transactional ones before those of campaigns', async () => {
    const number = await openOwnNumber(test, start)
    const mass = await putToPeople(test, number.channel, { count: 300, at: start, lane: 2 })
    const [one] = await putToPeople(test, number.channel, { count: 1, at: after(0.01) })
    await number.live(start, after(13))
    expect(number.sent).toHaveLength(5)
    expect(number.sent.map(({ id }) => id)).toContain(one?.id)
    expect(number.sent.slice(1).map(({ id }) => id)).toContain(mass[1]?.id)
    expect(number.claimed).toBeLessThan(301 + 20)
  })

  it('are cold no more when they have written: what waits for them leaves, and in order', async () => {
    const number = await openOwnNumber(test, start, { firstDay: 1 })
    const { channel } = number
    const people = await putToPeople(test, channel, { count: 4, at: start })
    await number.live(start, after(1))
    const waiting = people[2]
    if (!waiting) throw new Error('four were put')
    const { database } = test
    const [reply] = await putMessages(database, channel, { count: 1, at: after(1), conversationId: waiting.conversationId })
    const touched: number[] = []
    const touches = { touch: (queueId: number) => touched.push(queueId) } as unknown as QueueTouches // nothing else of it is used here
    const events = { append: appendEvents, hint: () => undefined }
    const optOuts = { words: optOutWords(undefined), afterMarketingOnly: true, queueId: channel.queues[0] ?? 0, now: after(1) }
    const writes = { wireId: 'in-1', from: { phone: waiting.address }, at: after(1), content: { type: 'text' as const, text: 'hello' } }
    await run(
      database.db,
      sql`insert into contact_identities (workspace_id, kind, value, contact_id) values (${channel.workspaceId}, 'phone', ${waiting.address}, ${waiting.contactId})`,
    )
    await receiveMessages({ database, events, touches, optOuts }, { workspaceId: channel.workspaceId, id: channel.id, hasLine: true }, [
      writes,
    ])
    expect(touched).toEqual([channel.queues[0]])
    await run(database.db, sql`update outbox set due_at = ${after(1)} where subject = ${waiting.id} and not in_line`) // the clock of this test is not the database's
    await run(database.db, sql`update queues set next_due_at = ${after(1)} where id = any(${touched}::bigint[])`)
    const before = number.sent.length
    await number.live(after(1.1), after(1.2))
    expect(number.sent.slice(before).map(({ id }) => id)).toEqual([waiting.id])
    expect(await paceOf(test, channel)).toMatchObject({ sent: 1 })
    expect(await number.round(test.clock.now())).toContain(reply?.id) // the one before it has just ended, by the database's clock
  })

  it('are as many as went: what did not leave is given back, what a crash undid was not counted', async () => {
    const number = await openOwnNumber(test, start)
    const { channel } = number
    const [first, second] = await putToPeople(test, channel, { count: 2, at: start })
    await number.round(start)
    expect(await paceOf(test, channel)).toMatchObject({ sent: 1 })
    await returnCold(test.database.engine, { channelId: channel.id, messageId: first?.id ?? '' }, start)
    await returnCold(test.database.engine, { channelId: channel.id, messageId: first?.id ?? '' }, start)
    await returnCold(test.database.engine, { channelId: channel.id, messageId: second?.id ?? '' }, start)
    expect(await paceOf(test, channel)).toMatchObject({ sent: 0 })
    await run(
      test.database.db,
      sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''no events''; end'`,
    )
    await run(test.database.db, sql`create trigger refuse before insert on events for each row execute function refuse()`)
    await expect(number.live(after(1), after(1))).rejects.toThrow('no events')
    await run(test.database.db, sql`drop trigger refuse on events`)
    expect(await paceOf(test, channel)).toMatchObject({ sent: 0 })
    expect(number.sent).toHaveLength(1)
  })

  it('are told when their time is over, not when they are called', async () => {
    const number = await openOwnNumber(test, start, { firstDay: 1 })
    const [, late, ended] = await putToPeople(test, number.channel, { count: 3, at: start })
    await run(test.database.db, sql`update messages set late_seconds = 3600 where id = ${late?.id}`)
    await run(test.database.db, sql`update messages set expires_at = ${after(2)} where id = ${ended?.id}`)
    await number.live(start, after(3))
    const rows = await sql<{
      id: string
      state: string
      endedAt: Date
    }>`select id, state, ended_at as "endedAt" from messages where id in (${late?.id}, ${ended?.id}) order by id`.execute(test.database.db)
    expect(rows.rows).toMatchObject([{ state: 'expired' }, { state: 'expired' }])
    for (const [i, { endedAt }] of rows.rows.entries()) expect(endedAt.getTime() - after(i + 1).getTime()).toBeLessThan(1_000)
  })
})

describe('a number whose guard has seen enough', () => {
  it('stops after failures, twice as long when they come again, and judges afresh in between', async () => {
    const number = await openOwnNumber(test, start, { firstDay: 50, gapSeconds: { least: 1, most: 1 } })
    await putToPeople(test, number.channel, { count: 60, at: start })
    let count = 0
    await number.live(start, after(12), { fails: () => count++ % 10 === 0 })
    expect(number.sent).toHaveLength(20)
    expect(await guardedOf(test, number.channel)).toMatchObject([{ facts: { reason: 'failures', tried: 20, failed: 2 } }])
    expect(await paceOf(test, number.channel)).toMatchObject({ stops: 1, stopReason: 'failures' })
    await number.live(after(12), after(40), { fails: () => count++ % 10 === 0 })
    expect(number.sent).toHaveLength(40)
    const [first, second] = await guardedOf(test, number.channel)
    const until = (one: { facts: Record<string, unknown> } | undefined) => new Date(String(one?.facts.until)).getTime()
    expect((until(second) - until(first)) / HOUR_MS).toBeGreaterThan(48)
    expect(await paceOf(test, number.channel)).toMatchObject({ stops: 2 })
  })

  it('stops when nobody answers, and goes on with those who do', async () => {
    const number = await openOwnNumber(test, start, { firstDay: 20, growthPercent: 0, gapSeconds: { least: 1, most: 1 } })
    const written = await putToPeople(test, number.channel, { count: 60, at: start })
    await number.live(start, after(13))
    expect(number.sent).toHaveLength(20)
    const answers = written.slice(0, 3).map(({ conversationId }) => conversationId)
    await run(test.database.db, sql`update conversations set last_inbound_at = ${after(1)} where id = any(${answers}::uuid[])`)
    await number.live(after(24.5), after(30))
    expect(number.sent).toHaveLength(20)
    expect(await guardedOf(test, number.channel)).toMatchObject([{ facts: { reason: 'few_replies', written: 20, replied: 3 } }])
    const warm = await putToPeople(test, number.channel, { count: 2, at: after(30), wrote: true })
    expect(await number.round(after(30.1))).toEqual(expect.arrayContaining(warm.map(({ id }) => id)))
  })
})

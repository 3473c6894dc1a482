import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { bareChannel, putMessages } from '../../test/engine-fixture.ts'
import { lockReadyQueues, nextReadyAt } from './claim.store.ts'
import { type Claim, claimMessages, LEASE_MS } from './claim-messages.ts'
import { cutRate, returnTokens } from './pace.store.ts'
import { type Slots, spend } from './share-tokens.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())

const start = new Date('2026-03-01T12:00:00Z')
const after = (ms: number) => new Date(start.getTime() + ms)
const BUCKET = { queueId: 1, channelId: 'c', workspaceId: 'w', lane: 0, capacity: 1, dailyLeft: null, cutAt: null, grownAt: null }
const WIDE: Slots = { of: () => 10_000, total: 10_000, limited: [] }

const claimAt = (at: Date, slots: Slots = WIDE): Promise<Claim> =>
  claimMessages({ database: test.database, node: newId(), now: () => at }, slots)
const clear = async () => {
  await run(test.database.db, sql`delete from outbox`)
  await run(test.database.db, sql`update queues set next_due_at = null`)
}

describe('claiming', () => {
  it('leases what is due, oldest first, and only once', async () => {
    await clear()
    const channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
    const late = await putMessages(test.database, channel, { count: 3, at: after(-1_000) })
    const later = await putMessages(test.database, channel, { count: 3, at: after(-500) })
    await putMessages(test.database, channel, { count: 3, at: after(60_000) })
    const one = await claimAt(start, { ...WIDE, of: () => 4 })
    expect(new Set(one.rows.map(({ messageId }) => messageId))).toEqual(new Set([...late, later[0]].map((message) => message?.id)))
    const two = await claimAt(start)
    expect(new Set(two.rows.map(({ messageId }) => messageId))).toEqual(new Set(later.slice(1).map(({ id }) => id)))
    expect((await claimAt(start)).rows).toEqual([])
  })

  it('gives an abandoned lease free again, and not before', async () => {
    await clear()
    const channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
    await putMessages(test.database, channel, { count: 5, at: start })
    expect((await claimAt(start)).rows).toHaveLength(5)
    expect((await claimAt(after(LEASE_MS - 1))).rows).toHaveLength(0)
    expect((await claimAt(after(LEASE_MS + 1))).rows).toHaveLength(5)
  })

  it('leaves no queue stuck: every message is claimed in the end, whatever the shares', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            count: fc.integer({ min: 1, max: 9 }),
            delay: fc.integer({ min: 0, max: 3_000 }),
            lane: fc.integer({ min: 0, max: 2 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 7 }),
        async (puts, share) => {
          await clear()
          const channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
          let expected = 0
          for (const { count, delay, lane } of puts) {
            await putMessages(test.database, channel, { count, lane, at: after(delay) })
            expected += count
          }
          const seen = new Set<string>()
          // each round sooner than a lease's end, and each message done with when it is claimed
          for (let ms = 0; ms <= 4_000 && seen.size < expected; ms += 50) {
            const { rows } = await claimAt(after(ms), { ...WIDE, of: () => share })
            for (const { messageId } of rows) seen.add(messageId)
            if (rows.length > 0)
              await run(test.database.db, sql`delete from outbox where subject = any(${rows.map((row) => row.messageId)}::uuid[])`)
          }
          expect(seen.size).toBe(expected)
        },
      ),
      { numRuns: 8 },
    )
  })
})

describe('pacing', () => {
  it('keeps rate x (w + 1 s) + capacity in every window, for any interleaving of nodes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 60 }),
        fc.array(fc.record({ gap: fc.integer({ min: 0, max: 400 }), nodes: fc.integer({ min: 1, max: 3 }) }), {
          minLength: 10,
          maxLength: 25,
        }),
        async (rate, rounds) => {
          await clear()
          const capacity = Math.max(1, rate / 4)
          const channel = await bareChannel(test.database, { rate, capacity, at: start })
          await putMessages(test.database, channel, { count: 500, at: start })
          const taken: { at: number; count: number }[] = []
          let ms = 0
          for (const { gap, nodes } of rounds) {
            ms += gap
            const claims = await Promise.all(Array.from({ length: nodes }, () => claimAt(after(ms))))
            taken.push({ at: ms, count: claims.reduce((sum, { rows }) => sum + rows.length, 0) })
          }
          for (let i = 0; i < taken.length; i++) {
            let sum = 0
            for (let j = i; j < taken.length; j++) {
              sum += taken[j]?.count ?? 0
              const seconds = ((taken[j]?.at ?? 0) - (taken[i]?.at ?? 0)) / 1000
              expect(sum).toBeLessThanOrEqual(rate * (seconds + 1) + capacity)
            }
          }
          expect(taken.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0)
        },
      ),
      { numRuns: 10 },
    )
  })

  it('of an own number has gaps that differ, and a pace on the whole that is kept', () => {
    const [rate, jitter] = [20 / 60, 0.3]
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 30, maxLength: 200 }), (draws) => {
        let [tokens, shift, at] = [1, 0, 0]
        const times: number[] = []
        for (const draw of draws) {
          times.push(at)
          const bucket = { ...BUCKET, rate, ceiling: rate, jitter, shift, tokens }
          const spent = spend(bucket, 1, after(at * 1_000), () => draw)
          const wait = Math.max(0, 1 - spent.tokens) / rate
          at += wait
          shift = spent.shift
          tokens = Math.min(1, spent.tokens + wait * rate)
        }
        const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.7 / rate - 0.001)
        expect(Math.max(...gaps)).toBeLessThanOrEqual(1.3 / rate + 0.001)
        for (const [i, from] of times.entries())
          for (const [j, to] of times.slice(i).entries()) expect(j + 1).toBeLessThanOrEqual(rate * (to - from + 1) + 1 + 0.001)
        expect((times.at(-1) ?? 0) / gaps.length).toBeCloseTo(1 / rate, -Math.log10(2 / gaps.length))
      }),
      { numRuns: 50 },
    )
  })

  it('of an own number is not put off by what did not start', async () => {
    await clear()
    const channel = await bareChannel(test.database, { rate: 20 / 60, capacity: 1, at: start })
    await run(test.database.db, sql`update buckets set jitter = 0.3 where channel_id = ${channel.id}`)
    await putMessages(test.database, channel, { count: 20, at: start })
    for (let i = 0; i < 20; i++) {
      const { rows } = await claimAt(after(i))
      expect(rows).toHaveLength(1)
      await returnTokens(test.database.engine, new Map([[channel.id, 1]]), after(i))
    }
  })

  it.each([
    [20 / 60, 1 / 24],
    [4, 0.5],
    [80, 1],
  ])('of %d a second is cut when the network asks for it, to %d at least', async (rate, least) => {
    const channel = await bareChannel(test.database, { rate, capacity: 1, at: start })
    const cut = (ms: number) => cutRate(test.database.engine, channel.id, after(ms), after(ms))
    expect(await cut(0)).toBeCloseTo(rate / 2)
    for (let ms = 1; ms < 10; ms++) await cut(ms)
    expect(await cut(10)).toBeCloseTo(least, 5)
  })

  it('stops at the daily cap, and goes on the next day', async () => {
    await clear()
    const channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
    await run(test.database.db, sql`update buckets set daily_cap = 7 where channel_id = ${channel.id}`)
    await putMessages(test.database, channel, { count: 20, at: start })
    expect((await claimAt(after(1_000))).rows).toHaveLength(7)
    const at = after(2_000)
    expect(await lockReadyQueues(test.database.engine, { node: newId(), now: at, limited: [] }, 10)).toEqual([])
    expect(await nextReadyAt(test.database.engine, { node: newId(), now: at, limited: [] })).toBeUndefined() // the poll finds midnight
    expect((await claimAt(at)).rows).toHaveLength(0)
    const tomorrow = after(86_400_000)
    expect((await nextReadyAt(test.database.engine, { node: newId(), now: tomorrow, limited: [] }))?.getTime()).toBeLessThan(at.getTime())
    expect((await claimAt(tomorrow)).rows).toHaveLength(7)
  })

  it('claims nothing for a paused queue or a blocked channel', async () => {
    await clear()
    const channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
    await putMessages(test.database, channel, { count: 2, at: start })
    await run(test.database.db, sql`update buckets set blocked_until = 'infinity' where channel_id = ${channel.id}`)
    expect((await claimAt(after(10))).rows).toHaveLength(0)
    await run(test.database.db, sql`update buckets set blocked_until = null where channel_id = ${channel.id}`)
    await run(test.database.db, sql`update queues set paused_at = now() where channel_id = ${channel.id}`)
    expect((await claimAt(after(20))).rows).toHaveLength(0)
    await run(test.database.db, sql`update queues set paused_at = null where channel_id = ${channel.id}`)
    expect((await claimAt(after(30))).rows).toHaveLength(2)
  })
})

describe('fairness', () => {
  it('lets a transactional message pass a campaign of its own channel, and keeps the campaign its share', async () => {
    await clear()
    const channel = await bareChannel(test.database, { rate: 100, capacity: 25, at: start })
    await putMessages(test.database, channel, { count: 400, lane: 2, at: after(-10_000) })
    const [otp] = await putMessages(test.database, channel, { count: 1, lane: 0, at: start })
    const claim = await claimAt(start, { ...WIDE, of: () => 10 })
    expect(claim.rows.map(({ messageId }) => messageId)).toContain(otp?.id)
    expect(claim.rows).toHaveLength(10)
    await putMessages(test.database, channel, { count: 200, lane: 0, at: start })
    let campaign = 0
    let all_ = 0
    for (let ms = 1_000; ms <= 10_000; ms += 1_000) {
      const { rows } = await claimAt(after(ms), { ...WIDE, of: () => 10 })
      campaign += rows.filter(({ lane }) => lane === 2).length
      all_ += rows.length
    }
    expect(campaign / all_).toBeGreaterThanOrEqual(0.1)
  })

  it('serves every channel although one of them holds nearly all that is due', async () => {
    await clear()
    const hog = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
    await putMessages(test.database, hog, { count: 900, at: after(-60_000) })
    const others = []
    for (let i = 0; i < 30; i++) {
      const channel = await bareChannel(test.database, { rate: 10, capacity: 2.5, at: start })
      await putMessages(test.database, channel, { count: 1, at: start })
      others.push(channel.id)
    }
    const served = new Set<string>()
    for (let ms = 0; ms < 3; ms++)
      for (const { channelId } of (await claimAt(after(ms), { ...WIDE, total: 64 })).rows) served.add(channelId)
    expect(others.filter((id) => !served.has(id))).toEqual([])
  })

  it('looks at queues by index, not at all rows', async () => {
    const plan = await all(
      test.database.engine,
      sql<{ 'QUERY PLAN': string }>`explain select q.id from queues q join buckets b on b.channel_id = q.channel_id
      where q.next_due_at <= now() and q.paused_at is null order by q.next_due_at limit 200`,
    )
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('queues_due')
  })
})

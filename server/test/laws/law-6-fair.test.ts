import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { all, run, sql } from '#kit/db'
import { type TestDatabase, testDatabase } from '../database.ts'
import { bareChannel, putMessages } from '../engine-fixture.ts'
import { openEngineStage, WIDE } from './engine-stage.ts'

const start = new Date('2026-03-01T12:00:00Z')
const after = (ms: number) => new Date(start.getTime() + ms)

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())
beforeEach(async () => {
  await run(test.database.db, sql`delete from outbox`)
  await run(test.database.db, sql`update queues set next_due_at = null`)
})

describe('a transactional message', () => {
  it('waits for one claim and one token behind the campaign of its own channel, whose rows are many', async () => {
    const stage = openEngineStage(test)
    const rate = 80
    const channel = await bareChannel(test.database, { rate, capacity: 20, at: start })
    await putMessages(test.database, channel, { count: 5_000, lane: 2, at: after(-3_600_000) })
    let campaign = 0
    let claims = 0
    for (let ms = 0; ms < 5_000; ms += 100) {
      const otp = ms % 500 === 0 ? (await putMessages(test.database, channel, { count: 1, at: after(ms) }))[0] : undefined
      const { rows } = await stage.claim(after(ms))
      if (otp) expect(rows.map(({ messageId }) => messageId)).toContain(otp.id)
      campaign += rows.filter(({ lane }) => lane === 2).length
      claims += rows.length
    }
    expect(claims).toBeGreaterThan(rate * 4)
    expect(campaign).toBeGreaterThan(rate * 3)
  })

  it('is not kept waiting by hundreds of other channels, each with more than it may send', async () => {
    const stage = openEngineStage(test)
    for (let i = 0; i < 250; i++) {
      const hog = await bareChannel(test.database, { rate: 80, capacity: 20, at: start })
      await putMessages(test.database, hog, { count: 30, lane: i % 2 === 0 ? 2 : 0, at: after(-60_000 + i) })
    }
    const channel = await bareChannel(test.database, { rate: 80, capacity: 20, at: start })
    const [otp] = await putMessages(test.database, channel, { count: 1, at: start })
    // the wire has 100 places; a token of 80/s is there again every 12.5 ms
    let claims = 0
    for (let ms = 0; claims < 50; ms += 20) {
      claims++
      const { rows } = await stage.claim(after(ms), { ...WIDE, total: 100 })
      if (rows.some(({ messageId }) => messageId === otp?.id)) break
    }
    expect(claims).toBeLessThanOrEqual(4)
  }, 60_000)

  it('of any channel is served as often as the next, however old what others hold is', async () => {
    const stage = openEngineStage(test)
    const served = new Map<string, number>()
    for (let i = 0; i < 30; i++) {
      const channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
      await putMessages(test.database, channel, { count: 200, at: after(-60_000 * (30 - i)) })
      served.set(channel.id, 0)
    }
    for (let ms = 0; ms < 30; ms++)
      for (const { channelId } of (await stage.claim(after(ms), { ...WIDE, total: 40 })).rows)
        served.set(channelId, (served.get(channelId) ?? 0) + 1)
    const counts = [...served.values()]
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(100)
    const rows = await all(test.database.db, sql`select 1 from outbox where lease_until is not null`)
    expect(rows.length).toBe(counts.reduce((sum, count) => sum + count, 0))
  })
})

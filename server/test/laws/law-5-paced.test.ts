import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { first, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '../database.ts'
import { bareChannel, putMessages } from '../engine-fixture.ts'
import { eventually } from '../house.ts'
import { openEngineStage } from './engine-stage.ts'
import { type Arrival, NUMBERS, openTwoNodes, type TwoNodes } from './two-nodes.ts'

const start = new Date('2026-03-01T12:00:00Z')
const after = (ms: number) => new Date(start.getTime() + ms)

let test: TestDatabase
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())
beforeEach(() => run(test.database.db, sql`delete from outbox`))

describe('the pace of a channel', () => {
  it('holds although the clocks of two nodes differ by a second', async () => {
    const stage = openEngineStage(test)
    const [rate, capacity] = [20, 5]
    const channel = await bareChannel(test.database, { rate, capacity, at: start })
    await putMessages(test.database, channel, { count: 300, at: after(-5_000) })
    let taken = 0
    const seconds = 4
    for (let ms = 0; ms <= seconds * 1_000; ms += 50) {
      taken += (await stage.claim(after(ms))).rows.length
      taken += (await stage.claim(after(ms - 1_000))).rows.length
    }
    expect(taken).toBeGreaterThan(rate * (seconds - 1))
    expect(taken).toBeLessThanOrEqual(rate * (seconds + 1) + capacity)
  })

  it('is not used up by messages that did not start', async () => {
    const stage = openEngineStage(test)
    const channel = await bareChannel(test.database, { rate: 10, capacity: 10, at: start })
    await run(test.database.db, sql`update buckets set daily_cap = 30 where channel_id = ${channel.id}`)
    const conversationId = newId() // one person, and the first message to her has no outcome yet
    await putMessages(test.database, channel, { count: 200, at: after(-5_000), conversationId })
    const begun = await stage.start(await stage.claim(start), start)
    expect(begun).toHaveLength(1)
    const others = await putMessages(test.database, channel, { count: 29, at: after(-1_000) })
    const started = new Set<string>()
    for (let ms = 100; ms <= 6_000 && started.size < others.length; ms += 100)
      for (const id of await stage.start(await stage.claim(after(ms)), after(ms))) started.add(id)
    expect(started.size).toBe(others.length)
    const bucket = await first(
      test.database.db,
      sql<{ count: number; tokens: number }>`select daily_count as count, tokens from buckets where channel_id = ${channel.id}`,
    )
    expect(bucket?.count).toBe(30)
    expect((await stage.claim(after(60_000))).rows).toEqual([])
  })
})

describe('as counted at the receiver, through two nodes', () => {
  const [rate, capacity] = [40, 10]
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await openTwoNodes({ reconcileSeconds: 60, mostSeconds: 120, rate })
  })
  afterAll(() => nodes?.close())

  let last = 6_000_100
  const person = () => `+1202${last++}`
  const post = async (channelId: string | undefined, people: readonly string[]): Promise<Set<string>> => {
    const messages = people.map((to) => ({ to, text: 'x', outsideWindow: 'attempt', ...(channelId && { channelId }) }))
    const { status } = await nodes.call(0, 'POST', '/v2/messages/bulk', { messages })
    expect(status).toBe(200)
    return new Set(people)
  }
  const arrivalsAt = (people: ReadonlySet<string>): Arrival[] => nodes.arrivals.filter(({ to }) => people.has(to))
  const expectWithin = (arrivals: readonly Arrival[], most: (seconds: number) => number) => {
    for (let i = 0; i < arrivals.length; i++)
      for (let j = i; j < arrivals.length; j++)
        expect(j - i + 1).toBeLessThanOrEqual(most(((arrivals[j]?.at ?? 0) - (arrivals[i]?.at ?? 0)) / 1_000))
  }

  it.concurrent('no window holds more than rate x (w + 1 s) + capacity', async () => {
    const people = await post(undefined, Array.from({ length: 240 }, person))
    await eventually(async () => arrivalsAt(people).length === people.size, 20_000)
    expectWithin(arrivalsAt(people), (seconds) => rate * (seconds + 1) + capacity)
    const started = await nodes.metric('chasqui_messages_started_total')
    expect(Math.min(...started)).toBeGreaterThan(0) // or one node was idle
  })

  it.concurrent('one person gets 45 at once and one more every 6 s; the network never has to refuse', async () => {
    nodes.network.business(NUMBERS[1].number, { pairLimit: true })
    const channelId = await nodes.openChannel(NUMBERS[1], { rate: 500 })
    const to = person()
    const people = await post(
      channelId,
      Array.from({ length: 48 }, () => to),
    )
    await eventually(async () => arrivalsAt(people).length === 46, 20_000)
    expectWithin(arrivalsAt(people), (seconds) => 45 + Math.floor(seconds / 6) + 1)
    expect(arrivalsAt(people)).toHaveLength(46)
    expect(nodes.network.stats().refused).toBe(0)
  })

  it.concurrent('no more in a day than its cap', async () => {
    const channelId = await nodes.openChannel(NUMBERS[2], { rate: 100, dailyCap: 15 })
    const people = await post(channelId, Array.from({ length: 40 }, person))
    await eventually(async () => arrivalsAt(people).length === 15, 20_000)
    const after = await nodes.send(1, { to: person(), text: 'a marker on another channel' })
    await nodes.reach(after, 'read')
    expect(arrivalsAt(people)).toHaveLength(15)
  })
})

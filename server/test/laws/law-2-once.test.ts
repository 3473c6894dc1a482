import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { all, sql } from '#kit/db'
import { LEASE_MS } from '../../src/dispatch/claim-messages.ts'
import { testDatabase } from '../database.ts'
import { bareChannel, putMessages } from '../engine-fixture.ts'
import { eventually } from '../house.ts'
import { openEngineStage } from './engine-stage.ts'
import { NUMBERS, openTwoNodes, type Shown, type TwoNodes, uuidOf } from './two-nodes.ts'

const WINDOW_SECONDS = 3
const MOST_SECONDS = 5
const SHOP = NUMBERS[0].number

let nodes: TwoNodes
beforeAll(async () => {
  nodes = await openTwoNodes({ reconcileSeconds: WINDOW_SECONDS, mostSeconds: MOST_SECONDS, rate: 500 })
})
afterAll(() => nodes?.close())

let last = 4_000_100
const person = () => `+1202${last++}`
const timesOf = (id: string) => nodes.arrivals.filter(({ messageId }) => messageId === uuidOf(id)).length
const storyOf = async (id: string): Promise<string[]> =>
  (
    await all(
      nodes.house.test.database.db,
      sql<{ type: string }>`select type from events where subjects ->> 'messageId' = ${uuidOf(id)} order by seq`,
    )
  ).map(({ type }) => type.slice('message.'.length))

describe('a send whose end nobody tells', () => {
  it.concurrent('goes again under policy retry when its window is over: counted, and told', async () => {
    const to = person()
    nodes.fault({ kind: 'cut_after', business: SHOP, phone: to, times: 1 })
    nodes.fault({ kind: 'withhold', business: SHOP, phone: to, times: 1 })
    const id = await nodes.send(0, { to, text: 'x', onUnknown: 'retry' })
    expect(await nodes.reach(id, 'read', 20_000)).toMatchObject({ attempt: 2 })
    expect(timesOf(id)).toBe(2) // the one exception to the law
    // a read receipt that comes first implies the delivery, which is then not told by itself
    expect((await storyOf(id)).filter((type) => type !== 'delivered')).toEqual(['accepted', 'sending', 'sending', 'sent', 'read'])
    const again = await nodes.metric('chasqui_messages_sent_again_total')
    expect(again[0] ?? 0).toBeGreaterThanOrEqual(0)
    expect((again[0] ?? 0) + (again[1] ?? 0)).toBe(1)
  })

  it.concurrent('fails under policy fail, and a receipt that comes later corrects it', async () => {
    const to = person()
    nodes.fault({ kind: 'cut_after', business: SHOP, phone: to, times: 1 })
    nodes.fault({ kind: 'delay', ms: (MOST_SECONDS + 2) * 1_000, business: SHOP, phone: to, times: 1 })
    const id = await nodes.send(1, { to, text: 'x', onUnknown: 'fail' })
    expect(await nodes.reach(id, 'failed', 20_000)).toMatchObject({ attempt: 1, failure: { code: 'outcome_unknown' } })
    expect(await nodes.reach(id, 'read', 20_000)).toMatchObject({ attempt: 1, failure: null })
    expect(timesOf(id)).toBe(1)
    const story = await storyOf(id)
    expect(story.slice(0, 4)).toEqual(['accepted', 'sending', 'failed', 'recovered'])
    expect(story.at(-1)).toBe('read')
    expect(new Set(story).size).toBe(story.length)
  })

  it.concurrent('fails under policy fail when it never left, and stays so', async () => {
    const to = person()
    nodes.fault({ kind: 'cut_before', business: SHOP, phone: to, times: 1 })
    const id = await nodes.send(0, { to, text: 'x', category: 'authentication' })
    expect(await nodes.reach(id, 'failed', 20_000)).toMatchObject({ failure: { code: 'outcome_unknown' } })
    expect(timesOf(id)).toBe(0)
  })
})

describe('a claim that another node has taken over', () => {
  it('starts nothing any more, and what it began is not begun again by the other', async () => {
    const test = await testDatabase({ own: true })
    try {
      const base = test.clock.now()
      const after = (ms: number) => new Date(base.getTime() + ms)
      const channel = await bareChannel(test.database, { rate: 100, capacity: 25, at: base })
      const [first] = await putMessages(test.database, channel, { count: 1, at: base })
      const stage = openEngineStage(test)
      const slow = await stage.claim(base)
      const quick = await stage.claim(after(LEASE_MS + 1))
      expect([slow.rows.length, quick.rows.length]).toEqual([1, 1])
      expect(await stage.start(slow, after(LEASE_MS + 2))).toEqual([])
      expect(await stage.start(quick, after(LEASE_MS + 2))).toEqual([first?.id])
      expect(await stage.start(quick, after(LEASE_MS + 3))).toEqual([])
      const late = after(2 * LEASE_MS + 10)
      expect(await stage.start(await stage.claim(late), late)).toEqual([]) // it may be on its way: its window decides
    } finally {
      await test.close()
    }
  })
})

describe('many sends through two nodes', () => {
  it('reach each phone once, whatever the network does to answers and receipts', async () => {
    const people = Array.from({ length: 40 }, person)
    const kinds = ['cut_after', 'error_after', 'status_first', 'duplicate', 'reorder'] as const
    people.forEach((phone, i) => {
      nodes.fault({ kind: kinds[i % kinds.length] ?? 'duplicate', business: SHOP, phone, probability: 0.5 })
    })
    const ids = await Promise.all(people.flatMap((to, i) => [0, 1, 2].map((n) => nodes.send(((i + n) % 2) as 0 | 1, { to, text: `${n}` }))))
    await Promise.all(ids.map((id) => nodes.reach(id, 'read', 25_000)))
    expect(ids.map(timesOf)).toEqual(ids.map(() => 1))
    for (const id of ids) {
      // a send that was late for its claim begins once more
      const story = (await storyOf(id)).filter((word) => word !== 'sending')
      expect([new Set(story).size, story.at(-1)]).toEqual([story.length, 'read'])
    }
    const started = await nodes.metric('chasqui_messages_started_total')
    expect(Math.min(...started)).toBeGreaterThan(0) // both nodes sent
  })
})

describe('a door that waits', () => {
  it('answers with the outcome, whichever node sent', async () => {
    for (const node of [0, 1, 0, 1] as const) {
      const { status, body } = await nodes.call<Shown>(node, 'POST', '/v2/messages', {
        ...{ to: person(), text: 'x', outsideWindow: 'attempt', awaitMs: 8_000 },
      })
      expect(status).toBe(201)
      expect(['sent', 'delivered', 'read']).toContain(body.state)
      expect(body.wireId).not.toBeNull()
    }
  })

  it('answers what is true when its time is over, and that is no error', async () => {
    const to = person()
    nodes.fault({ kind: 'refuse', code: 131016, business: SHOP, phone: to })
    const begun = performance.now()
    const { status, body } = await nodes.call<Shown>(0, 'POST', '/v2/messages', { to, text: 'x', outsideWindow: 'attempt', awaitMs: 400 })
    expect([status, body.state]).toEqual([201, 'queued'])
    expect(performance.now() - begun).toBeLessThan(4_000)
  })

  it('is answered when its node closes, and the message goes on', async () => {
    const to = person()
    nodes.fault({ kind: 'refuse', code: 131016, business: SHOP, phone: to, times: 1 })
    const waiting = nodes.call<Shown>(1, 'POST', '/v2/messages', { to, text: 'x', outsideWindow: 'attempt', awaitMs: 20_000 })
    await eventually(async () => nodes.network.faults.list().some((rule) => rule.phone === to && rule.met > 0))
    const begun = performance.now()
    await nodes.closeSecond()
    const { status, body } = await waiting
    expect(status).toBe(201)
    expect(['queued', 'sending', 'sent', 'delivered', 'read']).toContain(body.state)
    expect(performance.now() - begun).toBeLessThan(10_000)
    await eventually(async () => timesOf(body.id) === 1, 15_000)
  })
})

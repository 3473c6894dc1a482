import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appendEvents } from '#core/events'
import { openInstallation } from '#core/installations'
import { openAcceptor, openQueueTouches, resumeHeld } from '#core/messages'
import { openDatabase, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import type { NewMessage } from '../../src/core/messages/new-message.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type BareChannel, bareChannel, putMessages } from '../engine-fixture.ts'
import { factsOf, openEngineStage } from './engine-stage.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

let test: TestDatabase
let channel: BareChannel
let base: Date
const after = (ms: number) => new Date(base.getTime() + ms)
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())
beforeEach(async () => {
  await run(test.database.db, sql`delete from outbox`)
  base = test.clock.now()
  channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: base })
})

/** Two messages to one person, the first a moment earlier. */
async function putPair(): Promise<{ first: NewMessage; second: NewMessage }> {
  const conversationId = newId()
  const [first] = await putMessages(test.database, channel, { count: 1, at: after(-20), conversationId })
  const [second] = await putMessages(test.database, channel, { count: 1, at: after(-10), conversationId })
  if (!first || !second) throw new Error('nothing was put')
  return { first, second }
}
const stateOf = async (id: string) => (await factsOf(test.database, [id]))[0]

describe('to one person', () => {
  it('the second starts when the first has its outcome, and not while that one is tried again', async () => {
    const stage = openEngineStage(test)
    const { first, second } = await putPair()
    expect(await stage.start(await stage.claim(base), base)).toEqual([first.id])
    const busy = { kind: 'retry', code: '131016', reason: 'busy', afterMs: 30 * SECOND } as const
    await stage.settle(first, busy, { attempt: 1, at: base })
    for (const ms of [5_001, 11_000, 17_000]) expect(await stage.start(await stage.claim(after(ms)), after(ms))).toEqual([])
    expect(await stage.start(await stage.claim(after(31_000)), after(31_000))).toEqual([first.id])
    await stage.settle(first, { kind: 'accepted', wireId: 'wamid.1' }, { attempt: 2, at: after(31_100) })
    expect(await stage.start(await stage.claim(after(31_200)), after(31_200))).toEqual([second.id])
  })

  it.each([
    ['an outcome that nobody knows', { kind: 'unknown', reason: 'cut' }],
    ['tries that go on', { kind: 'retry', code: '131016', reason: 'busy', afterMs: 60 * MINUTE }],
  ] as const)('%s holds the second for two minutes, no longer', async (_, outcome) => {
    const stage = openEngineStage(test)
    const { first, second } = await putPair()
    await stage.start(await stage.claim(base), base)
    await stage.settle(first, outcome, { attempt: 1, at: base })
    for (const ms of [6_000, 60_000, 118_000]) expect(await stage.start(await stage.claim(after(ms)), after(ms))).toEqual([])
    const late = after(126_000)
    expect(await stage.start(await stage.claim(late), late)).toEqual([second.id])
  })

  it('one that came too late and waits for a person holds the others no longer than that', async () => {
    const stage = openEngineStage(test)
    const { first, second } = await putPair()
    await run(test.database.db, sql`update messages set late_seconds = 0, late_action = 'hold' where id = ${first.id}`)
    expect(await stage.start(await stage.claim(base), base)).toEqual([])
    const late = after(126_000)
    expect(await stage.start(await stage.claim(late), late)).toEqual([second.id])
    expect(await stateOf(first.id)).toMatchObject({ state: 'scheduled' })
  })

  it('messages for the same moment leave in the order they were accepted, whichever connection wrote them', async () => {
    const nodes = [test.database, openDatabase(test.address, openLog('silent'))]
    const acceptors = nodes.map((database) =>
      openAcceptor({
        database,
        events: { append: appendEvents, hint: () => undefined },
        now: () => base,
        touches: openQueueTouches({ database, wake: () => undefined }),
      }),
    )
    const sendAt = after(MINUTE)
    const accept = async (conversationId: string, place: number) => {
      const message: NewMessage = {
        id: newId(),
        workspaceId: channel.workspaceId,
        channelId: channel.id,
        conversationId,
        contactId: undefined,
        queueId: channel.queues[0] ?? 0,
        lane: 0,
        address: '+12025550100',
        content: JSON.stringify({ type: 'text', text: 'part' }),
        sendAt,
        createdAt: base,
        awaited: false,
        options: JSON.stringify({ late_action: 'expire', on_unknown: 'retry', outside_window: 'refuse', origin: 'api' }),
        callback: undefined,
      }
      await acceptors[place % 2]?.accept({ workspaceId: channel.workspaceId, messages: [message] })
      return message.id
    }
    const firsts = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const conversationId = newId()
        const first = await accept(conversationId, i)
        for (let more = 1; more < 4; more++) await accept(conversationId, i + more)
        return first
      }),
    )
    await nodes[1]?.close()
    const stage = openEngineStage(test)
    await run(test.database.db, sql`update queues set next_due_at = ${sendAt} where id = ${channel.queues[0]}`)
    const started = await stage.start(await stage.claim(after(MINUTE + 1)), after(MINUTE + 1))
    expect(started.toSorted()).toEqual(firsts.toSorted())
  })
})

describe('after a restore', () => {
  const restore = async () => {
    const log = openLog('silent')
    await openInstallation(test.database, base, log)
    await run(test.database.db, sql`update installation set system_identifier = 'the one before'`)
    expect((await openInstallation(test.database, after(0), log)).heldSince).toEqual(base)
  }
  const parts = () => ({ database: test.database, events: { append: appendEvents, hint: () => undefined }, now: () => after(10 * SECOND) })

  it('what was due, and what was on its way, waits for a person; new messages flow, to the same people too', async () => {
    const stage = openEngineStage(test)
    const { first, second } = await putPair()
    const { first: begun } = await putPair()
    // its outcome was unknown, and its window would have ended by itself
    await run(
      test.database.db,
      sql`update messages set state = 'sending', attempt = 1, sending_at = ${after(-SECOND)} where id = ${begun.id}`,
    )
    await run(
      test.database.db,
      sql`update outbox set due_at = ${after(MINUTE)}, held_since = ${after(-SECOND)} where subject = ${begun.id}`,
    )
    await restore()
    expect((await stage.claim(after(2 * MINUTE))).rows).toEqual([])
    const later = after(3 * MINUTE)
    const [fresh] = await putMessages(test.database, channel, { count: 1, at: after(2.5 * MINUTE), conversationId: first.conversationId })
    expect(await stage.start(await stage.claim(later), later)).toEqual([fresh?.id])
    if (fresh) await stage.settle(fresh, { kind: 'accepted', wireId: 'wamid.fresh' }, { attempt: 1, at: later })

    await resumeHeld({ ...parts(), now: () => later }, 'send')
    await run(test.database.db, sql`update queues set next_due_at = ${later} where id = ${channel.queues[0]}`)
    const resumed = after(3 * MINUTE + SECOND)
    const started = await stage.start(await stage.claim(resumed), resumed)
    expect(started).toContain(first.id)
    expect(started).not.toContain(second.id) // in order again
  })

  it('may expire instead: nothing of it leaves, and what may have arrived says so', async () => {
    const stage = openEngineStage(test)
    const { first, second } = await putPair()
    await run(
      test.database.db,
      sql`update messages set state = 'sending', attempt = 1, sending_at = ${after(-SECOND)} where id = ${first.id}`,
    )
    await restore()
    expect(await resumeHeld(parts(), 'expire')).toBe(2)
    expect(await stateOf(first.id)).toMatchObject({ state: 'failed', code: 'outcome_unknown' })
    expect(await stateOf(second.id)).toMatchObject({ state: 'expired', code: 'held' })
    expect(await stage.start(await stage.claim(after(MINUTE)), after(MINUTE))).toEqual([])
  })
})

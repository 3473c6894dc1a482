import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pauseChannel } from '#core/channels'
import { createContact, updateContact } from '#core/contacts'
import { cancelMessage, editMessage, isMadeHere } from '#core/messages'
import { openClock } from '#kit/clock'
import { inTransaction, run, sql } from '#kit/db'
import { lockMessage, markCancelled, updateWaiting } from '../../src/core/messages/message.store.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type BareChannel, bareChannel, putMessages } from '../engine-fixture.ts'
import { contextIn, factsOf, openEngineStage, untilSomebodyWaits } from './engine-stage.ts'

const start = new Date('2026-03-01T12:00:00Z')
const after = (ms: number) => new Date(start.getTime() + ms)
const HOUR_MS = 3_600_000

let test: TestDatabase
let channel: BareChannel
beforeAll(async () => {
  test = await testDatabase({ own: true })
})
afterAll(() => test.close())
beforeEach(async () => {
  await run(test.database.db, sql`delete from outbox`)
  channel = await bareChannel(test.database, { rate: 1_000, capacity: 250, at: start })
})

const putOne = async (more: Partial<Parameters<typeof putMessages>[2]> = {}) => {
  const [message] = await putMessages(test.database, channel, { count: 1, at: start, ...more })
  if (!message) throw new Error('nothing was put')
  return message
}
const stateOf = async (id: string) => (await factsOf(test.database, [id]))[0]

describe('the clock that says when it is time', () => {
  it('is the database’s, also when a look at it came back late', async () => {
    const [origin, offset] = [performance.now(), 1_700_000_000_000]
    let looks = 0
    const clock = await openClock(async () => {
      const time = offset + performance.now() - origin
      if (looks++ % 4 !== 3) await new Promise((done) => setTimeout(done, 120)) // a busy moment on the way back
      return time
    })
    const wrongBy = clock.now().getTime() - (offset + performance.now() - origin)
    clock.close()
    expect(Math.abs(wrongBy)).toBeLessThan(30)
  })
})

describe('a no between the claim and the start', () => {
  it('is obeyed: cancelled', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    const claim = await stage.claim(start)
    expect(claim.rows).toHaveLength(1)
    await cancelMessage(await contextIn(test, channel), { messageId: id })
    expect(await stage.start(claim, start)).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'cancelled', attempt: 0 })
  })

  it('is obeyed: edited to a later time', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    const claim = await stage.claim(start)
    const ctx = { ...(await contextIn(test, channel)), now: () => start }
    await editMessage(ctx, { messageId: id, sendAt: after(HOUR_MS) })
    expect(await stage.start(claim, after(1))).toEqual([])
    expect((await stage.claim(after(10))).rows).toEqual([])
    expect(await stage.start(await stage.claim(after(HOUR_MS)), after(HOUR_MS))).toEqual([id])
  })

  it('is obeyed: the channel was paused', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    const claim = await stage.claim(start)
    await pauseChannel(await contextIn(test, channel), { channelId: channel.id })
    expect(await stage.start(claim, start)).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'scheduled' })
    expect((await stage.claim(after(60_000))).rows).toEqual([])
  })

  it.each([
    ['a campaign', { lane: 2 }, undefined, 'skipped'],
    ['marketing', {}, 'marketing', 'skipped'],
    ['a transactional message, which passes', {}, undefined, 'sending'],
  ])('is obeyed: the person opted out of %s', async (_, lane, category, state) => {
    const stage = openEngineStage(test)
    const { id } = await putOne(lane)
    const ctx = await contextIn(test, channel)
    const contact = await createContact(ctx, { phone: `+1202555${1000 + Math.floor(Math.random() * 8_999)}` })
    await run(test.database.db, sql`update messages set contact_id = ${contact.id}, category = ${category ?? null} where id = ${id}`)
    const claim = await stage.claim(start)
    await updateContact(ctx, { contactId: contact.id, optedOut: true })
    await stage.start(claim, start)
    expect(await stateOf(id)).toMatchObject({ state })
  })

  it('its time was over', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    await run(test.database.db, sql`update messages set expires_at = ${after(500)} where id = ${id}`)
    const claim = await stage.claim(after(400))
    expect(await stage.start(claim, after(501))).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'expired', code: 'expired' })
  })
})

describe('a no that holds the message while its start waits for it', () => {
  it('wins: cancelled', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    const claim = await stage.claim(start)
    const started = await inTransaction(test.database.db, {}, async (tx) => {
      const message = await lockMessage(tx, channel.workspaceId, id)
      const starting = stage.start(claim, after(1))
      await untilSomebodyWaits(test.database)
      if (message) await markCancelled(tx, message, start)
      return { starting }
    })
    expect(await started.starting).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'cancelled', attempt: 0 })
  })

  it('wins: edited to a later time, however old the claim’s view of the outbox is', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    const claim = await stage.claim(start)
    const started = await inTransaction(test.database.db, {}, async (tx) => {
      const message = await lockMessage(tx, channel.workspaceId, id)
      const starting = stage.start(claim, after(1))
      await untilSomebodyWaits(test.database)
      if (!message || !isMadeHere(message)) throw new Error('the message is not there')
      const edit = {
        content: message.content,
        sendAt: after(HOUR_MS),
        tag: undefined,
        replyTo: undefined,
        targetWireId: undefined,
        facts: undefined,
      }
      await updateWaiting(tx, message, edit, start)
      return { starting }
    })
    expect(await started.starting).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'scheduled', attempt: 0 })
    expect((await stage.claim(after(60_000))).rows).toEqual([])
    expect(await stage.start(await stage.claim(after(HOUR_MS)), after(HOUR_MS))).toEqual([id])
  })
})

describe('what was begun before', () => {
  const MOST_MS = 700_000 // longer than any outcome may stay unknown

  it('is not begun again after a pause', async () => {
    const stage = openEngineStage(test)
    const { id } = await putOne()
    expect(await stage.start(await stage.claim(start), start)).toEqual([id])
    const again = await stage.claim(after(MOST_MS))
    expect(again.rows).toHaveLength(1)
    await pauseChannel(await contextIn(test, channel), { channelId: channel.id })
    expect(await stage.start(again, after(MOST_MS))).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'sending', attempt: 1 })
  })

  it.each([
    ['where the network chooses the id', false],
    ['where the id is ours', true],
  ])('is not begun again after an opt-out from marketing, %s', async (_, choosesWireId) => {
    const stage = openEngineStage(test, { choosesWireId })
    const { id } = await putOne()
    const ctx = await contextIn(test, channel)
    const contact = await createContact(ctx, { phone: `+1202555${1000 + Math.floor(Math.random() * 8_999)}` })
    await run(test.database.db, sql`update messages set contact_id = ${contact.id}, category = 'marketing' where id = ${id}`)
    expect(await stage.start(await stage.claim(start), start)).toEqual([id])
    await updateContact(ctx, { contactId: contact.id, optedOut: true })
    expect(await stage.start(await stage.claim(after(MOST_MS)), after(MOST_MS))).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'failed', code: 'outcome_unknown' })
  })
})

describe('a message that waits behind another', () => {
  it('does not leave early because that one ended after its own time was moved', async () => {
    const stage = openEngineStage(test)
    const conversationId = channel.id // any id does
    const first = await putOne({ conversationId, at: after(-2) })
    const second = await putOne({ conversationId, at: after(-1) })
    expect(await stage.start(await stage.claim(start), start)).toEqual([first.id]) // the second is parked
    const ctx = { ...(await contextIn(test, channel)), now: () => start }
    await editMessage(ctx, { messageId: second.id, sendAt: after(HOUR_MS) })
    await stage.settle(first, { kind: 'accepted', wireId: 'wamid.first' }, { attempt: 1, at: after(10) })
    for (const at of [after(1_000), new Date()]) expect(await stage.start(await stage.claim(at), after(1_000))).toEqual([])
    expect(await stateOf(second.id)).toMatchObject({ state: 'scheduled', attempt: 0 })
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { getEndpoint, listDeliveries, replayDelivery, type WebhookStyle } from '#core/webhooks'
import { type TestDatabase, testDatabase } from '#test/database'
import { openReceiver, type Told } from '#test/webhook-receiver'
import { eventually, openWebhookWorld, testStyle, type WebhookWorld } from '#test/webhook-teller'

/** A door that tells an event by as many bodies as the event says. */
const severalStyle: WebhookStyle = {
  ...testStyle,
  async render(_db, _workspaceId, events) {
    return new Map(
      events.map(({ seq, id, facts }) => {
        if (facts.broken && !isMended) throw new Error('no words')
        const parts = (facts.parts as string[] | undefined) ?? ['one'] // the tests raise them
        return [seq, parts.map((type) => ({ eventId: `${id}/${type}`, type, body: JSON.stringify({ seq, type }) }))]
      }),
    )
  },
}

let house: TestDatabase
let world: WebhookWorld
let isMended = false
beforeAll(async () => {
  house = await testDatabase({ own: true }) // tellers serve a whole database, and the clock is moved
  world = await openWebhookWorld(house, { canonical: severalStyle })
})
afterEach(() => world.quiet())
afterAll(async () => {
  await world.close()
  await house.close()
})

const wordsOf = ({ body }: Told) => JSON.parse(body) as { seq: number; type: string } // testStyle wrote it
const types = (told: readonly Told[]) => told.map((one) => wordsOf(one).type).sort()
const ids = (told: readonly Told[], type: string) =>
  told.filter((one) => wordsOf(one).type === type).map(({ headers }) => headers['webhook-id'])
const inPairs = (count: number) => Array.from({ length: count }, () => ({ facts: { parts: ['a', 'b'] } }))

describe('an event of several bodies', () => {
  test('is told by each of them, a delivery of its own with an id of its own', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, [...inPairs(60), { facts: { parts: [] } }, {}])
    const told = await receiver.until(121)
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 62,
    )
    expect(types(told)).toEqual([...Array(60).fill('a'), ...Array(60).fill('b'), 'one'])
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(121)
    const { rows } = await listDeliveries(ctx, { endpointId: endpoint.id, limit: 200 })
    expect(new Set(rows.map(({ deliveryId }) => deliveryId)).size).toBe(121)
    expect(rows.filter(({ toldAs }) => toldAs === 'b')).toHaveLength(60)
    await receiver.close()
  })

  test('is tried again by the body that failed alone, under the same id, by another life of the house too', async () => {
    let answer = 500
    const receiver = await openReceiver((told, response) => void response.writeHead(wordsOf(told).type === 'b' ? answer : 200).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    const first = world.teller()
    await world.raise(ctx, inPairs(1))
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 1,
    )
    await first.close()
    answer = 200
    world.teller()
    await house.moveClock('6 seconds')
    const told = await receiver.until(3)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(types(told)).toEqual(['a', 'b', 'b'])
    expect(new Set(ids(told, 'b')).size).toBe(1)
    const { rows } = await listDeliveries(ctx, { endpointId: endpoint.id })
    expect(rows.map(({ attempt, toldAs, status }) => [toldAs, attempt, status]).sort()).toEqual([
      ['a', 1, 200],
      ['b', 1, 500],
      ['b', 2, 200],
    ])
    await receiver.close()
  })

  test('is passed by the cursor while one body takes long; the other was told, the slow one is told to its end', async () => {
    let letGo: (() => void) | undefined
    const receiver = await openReceiver((told, response) => {
      if (wordsOf(told).type === 'b') letGo = () => void response.writeHead(200).end()
      else response.end()
    })
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, [{ facts: { parts: ['a', 'b', 'c'] } }])
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 1,
    )
    expect(await world.waiting(ctx)).toHaveLength(1)
    letGo?.()
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(types(receiver.told)).toEqual(['a', 'b', 'c'])
    const { rows } = await listDeliveries(ctx, { endpointId: endpoint.id })
    expect(rows.map(({ toldAs, succeeded }) => [toldAs, succeeded]).sort()).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ])
    await receiver.close()
  })

  test('is replayed by the one body that was asked for', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, inPairs(1))
    await receiver.until(2)
    const { rows } = await eventually(
      () => listDeliveries(ctx, { endpointId: endpoint.id }),
      (page) => page.rows.length === 2,
    )
    await replayDelivery(ctx, { deliveryId: rows.find(({ toldAs }) => toldAs === 'b')?.deliveryId ?? '' })
    const told = await receiver.until(3)
    await eventually(
      () => world.waiting(ctx),
      (waiting) => waiting.length === 0,
    )
    expect(types(told)).toEqual(['a', 'b', 'b'])
    expect(new Set(ids(told, 'b')).size).toBe(1)
    await receiver.close()
  })

  test('probes an open circuit with one body, and loses none', async () => {
    let answer = 500
    const receiver = await openReceiver((_, response) => void response.writeHead(answer).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, inPairs(40))
    const state = async () => await getEndpoint(ctx, { endpointId: endpoint.id })
    await eventually(state, ({ nextProbeAt }) => nextProbeAt !== undefined)
    await eventually(
      async () => [receiver.told.length, (await state()).failures],
      ([told, failures]) => told === failures,
    )
    const stopped = receiver.told.length
    await house.moveClock('6 seconds')
    await eventually(state, ({ failures }) => failures === stopped + 1)
    expect(receiver.told).toHaveLength(stopped + 1)
    answer = 200
    await house.moveClock('90 seconds')
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 40,
    )
    await house.moveClock('10 minutes')
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    const { rows } = await listDeliveries(ctx, { endpointId: endpoint.id, succeeded: true, limit: 200 })
    expect(new Set(rows.map(({ eventSeq, toldAs }) => `${eventSeq}${toldAs}`)).size).toBe(80)
    await receiver.close()
  })
})

describe('a callback of several bodies', () => {
  test('becomes a delivery for each of them, tried again by itself', async () => {
    let answer = 500
    const receiver = await openReceiver((told, response) => void response.writeHead(wordsOf(told).type === 'a' ? answer : 200).end())
    const ctx = await world.workspace()
    world.teller()
    const callback = { url: receiver.url, style: 'canonical' }
    await world.raise(ctx, [
      { callback, facts: { parts: ['a', 'b', 'c'] } },
      { callback, facts: { parts: [] } },
    ])
    await receiver.until(3)
    const [row] = await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 1,
    )
    expect(row?.attempt).toBe(1)
    answer = 200
    await house.moveClock('6 seconds')
    const told = await receiver.until(4)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(types(told)).toEqual(['a', 'a', 'b', 'c'])
    expect(new Set(ids(told, 'a')).size).toBe(1)
    const { rows } = await listDeliveries(ctx, {})
    expect(new Set(rows.map(({ deliveryId }) => deliveryId)).size).toBe(3)
    await receiver.close()
  })

  test('that first could not be put into words is told by all of them later', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, [{ facts: { broken: true, parts: ['a', 'b'] } }])
    await eventually(
      () => world.waiting(ctx),
      ([row]) => row?.attempt === 1,
    )
    isMended = true
    await house.moveClock('6 seconds')
    const told = await receiver.until(2)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(types(told)).toEqual(['a', 'b'])
    await receiver.close()
  })
})

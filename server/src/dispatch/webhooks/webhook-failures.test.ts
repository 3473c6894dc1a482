import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { getEndpoint, listDeliveries, testEndpoint, updateEndpoint } from '#core/webhooks'
import { type TestDatabase, testDatabase } from '#test/database'
import { openReceiver } from '#test/webhook-receiver'
import { eventually, HOUR_MS, many, openWebhookWorld, seqs, testStyle, upTo, type WebhookWorld } from '#test/webhook-teller'

let house: TestDatabase
let world: WebhookWorld
beforeAll(async () => {
  house = await testDatabase({ own: true }) // tellers serve a whole database, and the clock is moved
  world = await openWebhookWorld(house, {
    canonical: testStyle,
    fragile: fragileStyle,
    patient: { ...testStyle, retryAfterMs: Array(20).fill(HOUR_MS) },
  })
})
afterEach(() => world.quiet())
afterAll(async () => {
  await world.close()
  await house.close()
})

const fragileStyle = {
  ...testStyle,
  async render(...[db, workspaceId, events, endpoint]: Parameters<typeof testStyle.render>) {
    if (events.some(({ facts }) => facts.broken)) throw new Error('no words')
    return testStyle.render(db, workspaceId, events, endpoint)
  },
}

describe('failing', () => {
  test('is tried again by the schedule, with jitter, under the same event id, until it succeeds', async () => {
    const receiver = await openReceiver((_, response, count) => void response.writeHead(count < 3 ? 500 : 200).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    const [event] = await world.raise(ctx, [{}])
    const [first] = await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 1,
    )
    const wait = (first?.due.getTime() ?? 0) - house.clock.now().getTime()
    expect(wait).toBeGreaterThan(3_500)
    expect(wait).toBeLessThan(5_700)
    await house.moveClock('6 seconds')
    await receiver.until(2)
    await eventually(
      () => world.waiting(ctx),
      ([row]) => row?.attempt === 2,
    )
    await house.moveClock('80 seconds')
    await receiver.until(3)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(new Set(receiver.told.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event?.id]))
    const { rows } = await listDeliveries(ctx, { endpointId: endpoint.id })
    expect(rows.map(({ attempt, status }) => [attempt, status])).toEqual([
      [3, 200],
      [2, 500],
      [1, 500],
    ])
    expect(new Set(rows.map(({ deliveryId }) => deliveryId)).size).toBe(1)
    expect(await getEndpoint(ctx, { endpointId: endpoint.id })).toMatchObject({ failures: 0, failingSince: undefined })
    await receiver.close()
  })

  test('ends with the schedule', async () => {
    const receiver = await openReceiver((_, response) => void response.writeHead(503).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, [{}])
    await receiver.until(1)
    for (const [i, moved] of ['6 seconds', '80 seconds', '8 minutes'].entries()) {
      await eventually(
        () => world.waiting(ctx),
        ([row]) => row?.attempt === i + 1,
      )
      await house.moveClock(moved)
      await receiver.until(i + 2)
    }
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect((await getEndpoint(ctx, { endpointId: endpoint.id })).failures).toBe(4)
    await receiver.close()
  })

  test('410 disables at once, with an event; a disabled endpoint is told nothing until it is enabled, and then from now on', async () => {
    const receiver = await openReceiver((_, response, count) => void response.writeHead(count === 1 ? 410 : 200).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    const witness = await openReceiver()
    await world.endpoint(ctx, { url: witness.url, events: ['webhook.disabled'] })
    world.teller()
    await world.raise(ctx, [{}])
    const [told] = await witness.until(1)
    expect(JSON.parse(told?.body ?? '')).toMatchObject({ type: 'webhook.disabled', facts: { reason: 'gone' } })
    expect(await getEndpoint(ctx, { endpointId: endpoint.id })).toMatchObject({ state: 'disabled', disabledReason: 'gone' })
    expect(await world.waiting(ctx)).toHaveLength(0)
    await world.raise(ctx, [{}, {}])
    await expect(testEndpoint(ctx, { endpointId: endpoint.id })).rejects.toMatchObject({ code: 'conflict' })
    await updateEndpoint(ctx, { endpointId: endpoint.id, state: 'enabled' })
    const [, event] = await world.raise(ctx, [{}, {}])
    await receiver.until(3)
    expect(receiver.told.slice(1).map(({ headers }) => headers['webhook-id'])).toContain(event?.id)
    expect(seqs(receiver.told)).toEqual([1, 5, 6]) // 2 is webhook.disabled, 3 and 4 came while it was disabled
    await Promise.all([receiver.close(), witness.close()])
  })

  test('for 24 hours disables, with an event; one success in between starts the count anew', async () => {
    let answer = 500
    const receiver = await openReceiver((_, response) => void response.writeHead(answer).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url, style: 'patient' })
    world.teller()
    const state = async () => await getEndpoint(ctx, { endpointId: endpoint.id })
    await world.raise(ctx, [{}])
    await eventually(state, ({ failures }) => failures === 1)
    await house.moveClock('23 hours')
    answer = 200
    await eventually(state, ({ failures }) => failures === 0)
    answer = 500
    await world.raise(ctx, [{}])
    await eventually(state, ({ failures }) => failures === 1)
    await house.moveClock('46 hours')
    await eventually(state, ({ failures }) => failures >= 2)
    expect((await state()).state).toBe('enabled')
    await house.moveClock('48 hours')
    await eventually(state, ({ state }) => state === 'disabled')
    expect((await state()).disabledReason).toBe('failing_too_long')
    expect(await world.waiting(ctx)).toHaveLength(0)
    await receiver.close()
  })

  test('20 times in a row opens the circuit: the cursor stands, one probe at a time by the schedule, a good one lets all go', async () => {
    let answer = 500
    const receiver = await openReceiver((_, response) => void response.writeHead(answer).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, many(300))
    const state = async () => await getEndpoint(ctx, { endpointId: endpoint.id })
    await eventually(state, ({ nextProbeAt }) => nextProbeAt !== undefined)
    await eventually(
      async () => [receiver.told.length, (await state()).failures],
      ([told, failures]) => told === failures,
    )
    const stopped = receiver.told.length
    expect(stopped).toBeLessThanOrEqual(20 + 15) // and what was on the wire with the twentieth
    expect(await world.cursorOf(endpoint)).toBe(stopped)
    await world.raise(ctx, [{}])
    await house.moveClock('6 seconds')
    await receiver.until(stopped + 1)
    await eventually(state, ({ failures }) => failures === stopped + 1)
    const probed = await state()
    expect((probed.nextProbeAt?.getTime() ?? 0) - house.clock.now().getTime()).toBeGreaterThan(50_000)
    expect(receiver.told.length).toBe(stopped + 1)
    answer = 200
    await house.moveClock('90 seconds')
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 301,
    )
    await house.moveClock('10 minutes')
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(new Set(seqs(receiver.told))).toEqual(new Set(upTo(301)))
    expect((await state()).nextProbeAt).toBeUndefined()
    await receiver.close()
  })

  test('an open circuit without new events is probed with what waits', async () => {
    let answer = 500
    const receiver = await openReceiver((_, response) => void response.writeHead(answer).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, many(20))
    await eventually(
      () => getEndpoint(ctx, { endpointId: endpoint.id }),
      ({ nextProbeAt }) => nextProbeAt !== undefined,
    )
    answer = 200
    await house.moveClock('30 seconds')
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(receiver.told).toHaveLength(40)
    await receiver.close()
  })

  test('an event that cannot be put into words is a failed attempt and keeps back nobody', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url, style: 'fragile' })
    world.teller()
    await world.raise(ctx, [{}, { facts: { broken: true } }, {}])
    await receiver.until(2)
    const { rows } = await eventually(
      () => listDeliveries(ctx, { endpointId: endpoint.id }),
      (page) => page.rows.length === 3,
    )
    expect(rows.find(({ succeeded }) => !succeeded)?.error).toBe('not rendered: no words')
    expect(await world.waiting(ctx)).toHaveLength(1)
    await receiver.close()
  })
})

import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { oldestSeq } from '#core/events'
import { listDeliveries, replayDelivery, replayFailed, rotateSecret, updateEndpoint } from '#core/webhooks'
import { all, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { openReceiver, type Told } from '#test/webhook-receiver'
import { eventually, many, openWebhookWorld, seqOf, seqs, testStyle, type WebhookWorld } from '#test/webhook-teller'

let house: TestDatabase
let world: WebhookWorld
beforeAll(async () => {
  house = await testDatabase({ own: true }) // tellers serve a whole database, and the clock is moved
  world = await openWebhookWorld(house, { canonical: testStyle, quiet: { ...testStyle, wants: () => true, render: async () => new Map() } })
})
afterEach(() => world.quiet())
afterAll(async () => {
  await world.close()
  await house.close()
})

const isSignedBy = (secret: string, { body, headers }: Told) => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

describe('callbacks of single messages', () => {
  test('are told without an endpoint, tried again, logged, and can be replayed', async () => {
    const receiver = await openReceiver((_, response, count) => void response.writeHead(count === 1 ? 500 : 200).end())
    const ctx = await world.workspace()
    world.teller()
    const [event] = await world.raise(ctx, [{ callback: { url: receiver.url, style: 'canonical' } }, {}])
    await eventually(
      () => world.waiting(ctx),
      ([row]) => row?.attempt === 1,
    )
    await house.moveClock('6 seconds')
    await receiver.until(2)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    const { rows } = await listDeliveries(ctx, {})
    expect(rows.map(({ attempt, status, endpointId, eventId }) => ({ attempt, status, endpointId, eventId }))).toEqual([
      { attempt: 2, status: 200, endpointId: undefined, eventId: event?.id },
      { attempt: 1, status: 500, endpointId: undefined, eventId: event?.id },
    ])
    await replayDelivery(ctx, { deliveryId: rows[0]?.deliveryId ?? '' })
    const told = await receiver.until(3)
    expect(told[2]?.headers['webhook-id']).toBe(event?.id)
    await receiver.close()
  })

  test('end at a 410, and an event that the door does not tell leaves nothing behind', async () => {
    const receiver = await openReceiver((_, response) => void response.writeHead(410).end())
    const ctx = await world.workspace()
    world.teller()
    await world.raise(ctx, [{ callback: { url: receiver.url, style: 'canonical' } }, { callback: { url: receiver.url, style: 'quiet' } }])
    await receiver.until(1)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(receiver.told).toHaveLength(1)
    await receiver.close()
  })
})

describe('by hand', () => {
  test('after a rotation with overlap both secrets sign for 24 hours, without it only the new one', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint, secret } = await world.endpoint(ctx, { url: receiver.url })
    const teller = world.teller()
    const next = async () => {
      teller.changed(ctx.workspaceId) // what NOTIFY says in a house
      const [event] = await world.raise(ctx, [{}])
      const come = async () => receiver.told.find(({ headers }) => headers['webhook-id'] === event?.id)
      return (await eventually(come, (told) => told !== undefined)) as Told // it came
    }
    const second = (await rotateSecret(ctx, { endpointId: endpoint.id, overlap: true })).secret
    const both = await next()
    expect([isSignedBy(secret, both), isSignedBy(second, both)]).toEqual([true, true])
    const clock = Date.now
    try {
      await house.moveClock('25 hours')
      Date.now = () => clock() + 25 * 3_600_000 // the verifier looks at the machine's clock
      const one = await next()
      expect([isSignedBy(secret, one), isSignedBy(second, one)]).toEqual([false, true])
      const third = (await rotateSecret(ctx, { endpointId: endpoint.id, overlap: false })).secret
      const last = await next()
      expect([isSignedBy(second, last), isSignedBy(third, last)]).toEqual([false, true])
    } finally {
      Date.now = clock
    }
    await receiver.close()
  })

  test('one delivery, or all that failed since a time, are told again under the same event ids', async () => {
    let answer = 500
    const receiver = await openReceiver((_, response) => void response.writeHead(answer).end())
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    const teller = world.teller()
    const since = house.clock.now()
    const events = await world.raise(ctx, many(5))
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 5,
    )
    await sql`delete from outbox where workspace_id = ${ctx.workspaceId}`.execute(house.database.db) // as if their schedules were over
    answer = 200
    const [failed] = (await listDeliveries(ctx, { endpointId: endpoint.id })).rows
    await replayDelivery(ctx, { deliveryId: failed?.deliveryId ?? '' })
    teller.changed(ctx.workspaceId)
    await receiver.until(6)
    expect(receiver.told[5]?.headers['webhook-id']).toBe(failed?.eventId)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    expect(await replayFailed(ctx, { endpointId: endpoint.id, since })).toEqual({ replayed: 4, more: false })
    expect(await replayFailed(ctx, { endpointId: endpoint.id, since })).toEqual({ replayed: 0, more: false })
    teller.changed(ctx.workspaceId)
    await receiver.until(10)
    expect(new Set(receiver.told.slice(5).map(({ headers }) => headers['webhook-id']))).toEqual(new Set(events.map(({ id }) => id)))
    const { rows } = await eventually(
      () => listDeliveries(ctx, { endpointId: endpoint.id, succeeded: true }),
      (page) => page.rows.length === 5,
    )
    expect(new Set(rows.map(({ attempt }) => attempt))).toEqual(new Set([2]))
    await updateEndpoint(ctx, { endpointId: endpoint.id, state: 'disabled' })
    await expect(replayFailed(ctx, { endpointId: endpoint.id, since })).rejects.toMatchObject({ code: 'conflict' })
    await expect(replayDelivery(ctx, { deliveryId: newId() })).rejects.toMatchObject({ code: 'not_found' })
    await receiver.close()
  })

  test('a change reaches a teller at work: the new URL and filter from then on, nothing after disabling', async () => {
    const [before, after] = [await openReceiver(), await openReceiver()]
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: before.url })
    world.teller()
    await world.raise(ctx, [{}])
    await before.until(1)
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 1,
    )
    await updateEndpoint(ctx, { endpointId: endpoint.id, url: after.url, events: ['message.read'] })
    await world.raise(ctx, [{ type: 'message.sent' }, { type: 'message.read' }])
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 3,
    )
    expect(seqs(after.told)).toEqual([3])
    await updateEndpoint(ctx, { endpointId: endpoint.id, state: 'disabled' })
    await world.raise(ctx, [{ type: 'message.read' }])
    await new Promise((done) => setTimeout(done, 1_200)) // a poll goes by
    expect(after.told).toHaveLength(1)
    await Promise.all([before.close(), after.close()])
  })
})

describe('events that are no longer kept', () => {
  const forget = (workspaceId: string, upTo: number) =>
    sql`delete from events where workspace_id = ${workspaceId} and seq <= ${upTo}`.execute(house.database.db)

  test('are told as one gap with its range, then the rest', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    await world.endpoint(ctx, { url: receiver.url, events: ['message.sent'] })
    await world.raise(ctx, many(10))
    await forget(ctx.workspaceId, 6)
    expect(await oldestSeq(house.database.db, ctx.workspaceId)).toBe(7)
    world.teller()
    const told = await receiver.until(5)
    expect(seqs(told)).toEqual([7, 8, 9, 10, 11])
    const gap = told.find((one) => seqOf(one) === 11)
    expect(JSON.parse(gap?.body ?? '')).toMatchObject({ type: 'webhook.gap', facts: { from: 1, to: 6 } })
    await receiver.close()
  })

  test('also when none is left', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    await world.raise(ctx, many(3))
    await forget(ctx.workspaceId, 3)
    world.teller()
    const [gap] = await receiver.until(1)
    expect(JSON.parse(gap?.body ?? '')).toMatchObject({ seq: 4, type: 'webhook.gap', facts: { from: 1, to: 3 } })
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 4,
    )
    const rows = await all(
      house.database.db,
      sql<{ count: number }>`select count(*) from events where workspace_id = ${ctx.workspaceId} and type = 'webhook.gap'`,
    )
    expect(rows[0]?.count).toBe(1)
    await receiver.close()
  })
})

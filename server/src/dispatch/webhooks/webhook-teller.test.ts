import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { listDeliveries, testEndpoint } from '#core/webhooks'
import { all, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { openReceiver, type Told } from '#test/webhook-receiver'
import { eventually, openWebhookWorld, seqs, upTo, type WebhookWorld } from '#test/webhook-teller'

let house: TestDatabase
let world: WebhookWorld
beforeAll(async () => {
  house = await testDatabase({ own: true }) // tellers serve a whole database, and the clock is moved
  world = await openWebhookWorld(house)
})
afterEach(() => world.quiet())
afterAll(async () => {
  await world.close()
  await house.close()
})

const secretHeaders = ({ headers }: Told) => headers as Record<string, string>

describe('telling', () => {
  test('every event from now on, once, signed; the cursor and the log say so', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    await world.raise(ctx, [{ type: 'message.sent' }]) // before the endpoint: not told
    const { endpoint, secret } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(
      ctx,
      Array.from({ length: 450 }, () => ({})),
    )
    const told = await receiver.until(450)
    expect(seqs(told)).toEqual(upTo(451).slice(1))
    for (const one of told.slice(0, 5)) expect(new Webhook(secret).verify(one.body, secretHeaders(one))).toBeTruthy()
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 451,
    )
    const log = await listDeliveries(ctx, { endpointId: endpoint.id, limit: 200 })
    expect(log.rows[0]).toMatchObject({
      attempt: 1,
      status: 200,
      succeeded: true,
      answer: 'ok',
      eventType: 'message.sent',
      url: receiver.url,
    })
    const rows = await all(house.database.db, sql<{ count: number }>`select count(*) from deliveries where endpoint_id = ${endpoint.id}`)
    expect(rows[0]?.count).toBe(450)
    await receiver.close()
  })

  test("each endpoint gets what its filter and its channel say, and nobody else's", async () => {
    const [everything, failures, channel, foreign] = await Promise.all([openReceiver(), openReceiver(), openReceiver(), openReceiver()])
    const [ctx, other] = [await world.workspace(), await world.workspace()]
    const channelId = newId()
    await world.endpoint(ctx, { url: everything.url })
    await world.endpoint(ctx, { url: failures.url, events: ['message.failed'] })
    const { endpoint } = await world.endpoint(ctx, { url: channel.url })
    await sql`update endpoints set channel_id = ${channelId} where id = ${endpoint.id}`.execute(house.database.db)
    await world.endpoint(other, { url: foreign.url })
    world.teller()
    await world.raise(ctx, [{}, { type: 'message.failed' }, { subjects: { channelId } }, { subjects: { channelId: newId() } }])
    await Promise.all([everything.until(4), failures.until(1), channel.until(1)])
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 4,
    )
    expect([everything, failures, channel, foreign].map(({ told }) => seqs(told))).toEqual([[1, 2, 3, 4], [2], [3], []])
    await Promise.all([everything, failures, channel, foreign].map((receiver) => receiver.close()))
  })

  test('a test event reaches its endpoint alone, whatever the filter', async () => {
    const [a, b] = [await openReceiver(), await openReceiver()]
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: a.url, events: ['message.read'] })
    const second = await world.endpoint(ctx, { url: b.url })
    world.teller()
    await testEndpoint(ctx, { endpointId: endpoint.id })
    const [told] = await a.until(1)
    expect(JSON.parse(told?.body ?? '')).toMatchObject({ type: 'webhook.test' })
    await eventually(
      () => world.cursorOf(second.endpoint),
      (cursor) => cursor === 1,
    )
    expect(b.told).toHaveLength(0)
    await Promise.all([a.close(), b.close()])
  })

  test('a redirect is not followed and a long answer keeps its first kilobyte', async () => {
    const elsewhere = await openReceiver()
    const receiver = await openReceiver((_, response, count) => {
      if (count === 1) response.writeHead(302, { location: elsewhere.url }).end('moved')
      else response.end(`\0${'é'.repeat(2_000)}`)
    })
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, [{}])
    await receiver.until(1)
    await world.raise(ctx, [{}])
    await receiver.until(2)
    const { rows } = await eventually(
      () => listDeliveries(ctx, { endpointId: endpoint.id }),
      (page) => page.rows.length === 2,
    )
    expect(rows.map(({ status, succeeded }) => ({ status, succeeded }))).toEqual(
      expect.arrayContaining([
        { status: 302, succeeded: false },
        { status: 200, succeeded: true },
      ]),
    )
    expect(Buffer.byteLength(rows.find(({ succeeded }) => succeeded)?.answer ?? '')).toBeGreaterThan(1_000)
    expect(Buffer.byteLength(rows.find(({ succeeded }) => succeeded)?.answer ?? '')).toBeLessThan(1_030)
    expect(elsewhere.told).toHaveLength(0)
    await Promise.all([receiver.close(), elsewhere.close()])
  })
})

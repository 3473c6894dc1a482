import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { listDeliveries } from '#core/webhooks'
import { sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { openReceiver } from '#test/webhook-receiver'
import { eventually, many, openWebhookWorld, seqs, upTo, type WebhookWorld } from '#test/webhook-teller'

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

describe('several nodes', () => {
  test('two tellers on one database skip nothing and double nothing', async () => {
    const receivers = await Promise.all(upTo(6).map(() => openReceiver()))
    const ctx = await world.workspace()
    const endpoints = await Promise.all(receivers.map(({ url }) => world.endpoint(ctx, { url })))
    world.teller()
    world.teller()
    for (let round = 0; round < 10; round++) await world.raise(ctx, many(40))
    for (const receiver of receivers) await receiver.until(400)
    for (const { endpoint } of endpoints)
      await eventually(
        () => world.cursorOf(endpoint),
        (cursor) => cursor === 400,
      )
    for (const { told } of receivers) expect(seqs(told)).toEqual(upTo(400))
    await Promise.all(receivers.map((receiver) => receiver.close()))
  })

  test('what a node that vanished had leased is told by another when the lease ends', async () => {
    const receiver = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    await world.raise(ctx, many(30))
    // a node leased it, told ten, wrote nothing and was gone
    await sql`update endpoints set lease = ${newId()}, leased_until = chasqui_now() + interval '20 seconds' where id = ${endpoint.id}`.execute(
      house.database.db,
    )
    world.teller()
    await new Promise((done) => setTimeout(done, 1_200)) // a poll goes by: the lease is respected
    expect(receiver.told).toHaveLength(0)
    await house.moveClock('21 seconds')
    await receiver.until(30)
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 30,
    )
    expect(seqs(receiver.told)).toEqual(upTo(30))
    await receiver.close()
  })

  test('a node that lost its lease moves no cursor', async () => {
    let hold: (() => void) | undefined
    const receiver = await openReceiver((_, response) => {
      hold = () => void response.end()
    })
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    const teller = world.teller()
    await world.raise(ctx, [{}])
    await receiver.until(1)
    await sql`update endpoints set lease = ${newId()}, leased_until = chasqui_now() + interval '1 hour' where id = ${endpoint.id}`.execute(
      house.database.db,
    )
    hold?.()
    await eventually(
      () => listDeliveries(ctx, { endpointId: endpoint.id }),
      ({ rows }) => rows.length === 1,
    )
    expect(await world.cursorOf(endpoint)).toBe(0)
    await teller.close()
    expect(await world.cursorOf(endpoint)).toBe(0)
    await receiver.close()
  })

  test('a retry whose claimer vanished comes due again', async () => {
    const receiver = await openReceiver((_, response, count) => void response.writeHead(count === 1 ? 500 : 200).end())
    const ctx = await world.workspace()
    await world.endpoint(ctx, { url: receiver.url })
    world.teller()
    await world.raise(ctx, [{}])
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 1,
    )
    await sql`update outbox set claim = ${newId()}, due_at = chasqui_now() + interval '20 seconds' where workspace_id = ${ctx.workspaceId}`.execute(
      house.database.db,
    )
    await house.moveClock('21 seconds')
    await receiver.until(2)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    await receiver.close()
  })

  test('closing waits for what is on the wire and leaves the rest to the next life, without a gap or a double', async () => {
    const receiver = await openReceiver((_, response) => void setTimeout(() => response.end(), 30))
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: receiver.url })
    const teller = world.teller()
    await world.raise(ctx, many(200))
    await receiver.until(40)
    await teller.close()
    const told = receiver.told.length
    expect(told).toBeLessThan(200)
    expect(await world.cursorOf(endpoint)).toBe(told)
    world.teller()
    await receiver.until(200)
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 200,
    )
    expect(seqs(receiver.told)).toEqual(upTo(200))
    await receiver.close()
  })
})

describe('nobody waits for another', () => {
  test('a slow endpoint delays no other, and its own cursor goes on', async () => {
    const slow = await openReceiver((_, response, count) => {
      if (count > 3) response.end()
    }) // the first three never get an answer
    const quick = await openReceiver()
    const ctx = await world.workspace()
    const { endpoint } = await world.endpoint(ctx, { url: slow.url })
    await world.endpoint(ctx, { url: quick.url })
    world.teller()
    const begun = performance.now()
    await world.raise(ctx, many(100))
    await quick.until(100)
    expect(performance.now() - begun).toBeLessThan(2_000)
    await slow.until(100)
    await eventually(
      () => world.cursorOf(endpoint),
      (cursor) => cursor === 100,
    )
    expect(performance.now() - begun).toBeLessThan(8_000) // before the three time out
    expect(await world.waiting(ctx)).toHaveLength(3)
    await eventually(
      () => listDeliveries(ctx, { endpointId: endpoint.id, succeeded: false }),
      ({ rows }) => rows.length === 3,
    )
    expect((await world.waiting(ctx)).map(({ attempt }) => attempt)).toEqual([1, 1, 1])
    await Promise.all([slow.close(), quick.close()])
  })

  test('a callback host that hangs delays no other host, and takes eight at a time', async () => {
    let most = 0
    let open = 0
    const release: (() => void)[] = []
    const hanging = await openReceiver((_, response) => {
      most = Math.max(most, ++open)
      release.push(() => {
        open--
        response.end()
      })
    })
    const quick = await openReceiver()
    const ctx = await world.workspace()
    world.teller()
    const callback = (url: string) => ({ callback: { url, style: 'canonical' } })
    await world.raise(
      ctx,
      Array.from({ length: 300 }, () => callback(hanging.url)),
    )
    await hanging.until(8)
    const begun = performance.now()
    await world.raise(
      ctx,
      [...Array(20)].map(() => callback(quick.url)),
    )
    await quick.until(20)
    expect(performance.now() - begun).toBeLessThan(2_000)
    expect(most).toBe(8)
    const freeing = setInterval(() => release.splice(0).forEach((free) => void free()), 1)
    await hanging.until(300)
    await eventually(
      () => world.waiting(ctx),
      (rows) => rows.length === 0,
    )
    clearInterval(freeing)
    expect(most).toBe(8)
    expect(seqs(hanging.told)).toEqual(upTo(300))
    await Promise.all([hanging.close(), quick.close()])
  })
})

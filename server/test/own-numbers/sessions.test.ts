import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  createChannel,
  deleteChannel,
  getChannel,
  getChannelLink,
  linkChannel,
  logoutChannel,
  reloadChannel,
  reopenDue,
} from '#core/channels'
import { appendEvents } from '#core/events'
import type { Context } from '#kit/context'
import { all, first, run, sql } from '#kit/db'
import { webCapabilities } from '../../src/transports/web/capabilities.ts'
import { readEnvelope } from '../../src/transports/web/envelope.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { eventually } from '../house.ts'
import { type Node, openStage } from './session-stage.ts'

let database: TestDatabase
let stage: Awaited<ReturnType<typeof openStage>>
let nodes: Node[] = []
beforeAll(async () => {
  database = await testDatabase({ own: true })
  stage = await openStage(database)
})
afterEach(async () => {
  for (const node of nodes) {
    node.freeze(false)
    await node.close()
  }
  nodes = []
  await run(database.database.db, sql`update channels set state = 'closed', deleted_at = now()`) // what one test left, no later one takes
  await run(database.database.db, sql`delete from session_keys`)
})
afterAll(async () => {
  await stage.close()
  await database.close()
})

const openNode = (): Node => {
  const node = stage.openNode()
  nodes.push(node)
  return node
}

type Place = { ctx: Context; channelId: string; number: string }

async function linked(): Promise<Place> {
  const number = stage.newNumber()
  const { ctx, channelId } = await stage.newChannel()
  await stage.server.scan(number, await stage.qrOf(ctx, channelId))
  await stage.until(ctx, channelId, 'open')
  return { ctx, channelId, number }
}

/** Linked by a process that is gone. */
async function linkedOnce(): Promise<Place> {
  const node = stage.openNode()
  const place = await linked()
  await node.close()
  return place
}

const keysOf = async (channelId: string) =>
  (
    await first(
      database.database.db,
      sql<{ count: number }>`select count(*)::integer as count from session_keys where channel_id = ${channelId}`,
    )
  )?.count
const eventsOf = async (channelId: string) =>
  (
    await all(
      database.database.db,
      sql<{
        type: string
        facts: unknown
      }>`select type, facts from events where subjects ->> 'channelId' = ${channelId} and type <> 'channel.qr' order by seq`,
    )
  ).map(({ type, facts }) => [type, facts])

describe('the session of an own number', () => {
  test('a phone scans the QR: the channel is open and has its number; nothing readable rests', async () => {
    const node = openNode()
    const { ctx, channelId, number } = await linked()
    expect(await getChannel(ctx, { channelId })).toMatchObject({ phone: number, state: 'open' })
    expect(node.connections).toHaveLength(1)
    expect(await eventsOf(channelId)).toEqual([['channel.opened', {}]])
    expect(await keysOf(channelId)).toBeGreaterThan(100)
    const rows = await all(database.database.db, sql<{ value: Buffer }>`select value from session_keys where channel_id = ${channelId}`)
    for (const { value } of rows) expect(value.toString('latin1')).not.toMatch(/private|Buffer/)
  })

  test('another process goes on without a QR, and what was written meanwhile arrives', async () => {
    const one = openNode()
    const { ctx, channelId, number } = await linked()
    await one.close()
    nodes = []
    stage.network.reply('+12025550123', number, { content: { type: 'text', text: 'Are you there?' } })
    const two = openNode()
    await eventually(async () => two.kept.length > 0)
    expect(await stage.stateOf(ctx, channelId)).toBe('open')
    const { attributes, me } = readEnvelope((two.kept[0] as { body: Buffer }).body)
    expect(attributes).toMatchObject({ from: '12025550123@s.whatsapp.net', offline: expect.anything() })
    expect(me.id).toContain(number.slice(1))
  })

  test('two processes: one holds it; when it dies the other has it within 20 s, and it kept nothing in between', async () => {
    const one = openNode()
    const { channelId, number } = await linked()
    const two = openNode()
    await two.looks(2)
    expect(two.sessions.get(channelId)).toBeUndefined()
    const died = performance.now()
    one.freeze()
    stage.network.reply('+12025550124', number, { content: { type: 'text', text: 'Who is there?' } })
    await eventually(async () => two.sessions.get(channelId)?.connection, 25_000)
    expect(performance.now() - died).toBeLessThan(20_000)
    expect(stage.server.devices(number)).toMatchObject([{ id: 1, isConnected: true }])
    expect(one.sessions.get(channelId)?.connection).toBeUndefined()
    await eventually(async () => two.kept.length > 0)
    one.freeze(false)
    await one.looks(2)
    expect(one.kept).toEqual([])
  }, 40_000)

  test('unlinked on the phone: closed, the keys are forgotten, and it can be linked anew as the same channel', async () => {
    openNode()
    const { ctx, channelId, number } = await linked()
    stage.server.unlink(number)
    await stage.until(ctx, channelId, 'closed: logged_out')
    await eventually(async () => (await keysOf(channelId)) === 0)
    await linkChannel(ctx, { channelId })
    await stage.server.scan(number, await stage.qrOf(ctx, channelId))
    await stage.until(ctx, channelId, 'open')
    expect((await eventsOf(channelId)).map(([type]) => type)).toEqual([
      'channel.opened',
      'channel.closed',
      'channel.guarded',
      'channel.opened',
    ])
  })

  test('linked anew by another phone: refused, nothing of it is kept, and that phone lists no device', async () => {
    const node = openNode()
    const { ctx, channelId, number } = await linked()
    stage.server.unlink(number)
    await stage.until(ctx, channelId, 'closed: logged_out')
    await linkChannel(ctx, { channelId })
    const stranger = stage.newNumber()
    stage.network.business(stranger, { enforceWindow: false, pairLimit: false })
    stage.network.reply('+12025550123', stranger, { content: { type: 'text', text: 'For the stranger alone' } })
    const kept = node.kept.length
    await stage.server.scan(stranger, await stage.qrOf(ctx, channelId))
    stage.network.reply('+12025550123', stranger, { content: { type: 'text', text: 'And this' } })
    await stage.until(ctx, channelId, 'closed: wrong_number')
    expect(node.kept).toHaveLength(kept)
    await eventually(async () => stage.server.devices(stranger).length === 0)
    expect(await keysOf(channelId)).toBe(0)
  })

  test('the number of another channel of the workspace is refused', async () => {
    openNode()
    const { ctx, number } = await linked()
    const { id } = await createChannel(ctx, { kind: 'web', name: 'Again' })
    await stage.server.scan(number, await stage.qrOf(ctx, id))
    await stage.until(ctx, id, 'closed: number_taken')
  })

  test('a ban, a stale version: closed with the reason, and no second try', async () => {
    const node = openNode()
    for (const [code, reason] of [
      [403, 'banned'],
      [405, 'outdated'],
    ] as const) {
      const { ctx, channelId, number } = await linked()
      const connections = node.connections.length
      stage.server.faults.failLogin(number, code)
      stage.server.faults.drop(number)
      await stage.until(ctx, channelId, `closed: ${reason}`)
      await node.looks(2)
      expect(node.connections).toHaveLength(connections)
      expect(node.sessions.get(channelId)).toBeUndefined()
    }
  })

  test('two numbers are refused because their version is old: both take the one that WhatsApp names, and go on', async () => {
    const node = openNode()
    const numbers = [await linked(), await linked()]
    for (const { number } of numbers) stage.server.faults.outdate(number, 1_999_999_999)
    for (const { number } of numbers) stage.server.faults.drop(number)
    await eventually(async () => node.connections.length === 4, 15_000)
    for (const { ctx, channelId } of numbers) await stage.until(ctx, channelId, 'open')
    stage.server.faults.clear()
  }, 30_000)

  test('503 and a lost connection: degraded, tried again, open again', async () => {
    openNode()
    const { ctx, channelId, number } = await linked()
    stage.server.faults.failLogin(number, 503)
    stage.server.faults.drop(number)
    await stage.until(ctx, channelId, 'degraded: server')
    stage.server.faults.failLogin(number, undefined)
    await stage.until(ctx, channelId, 'open')
    expect((await eventsOf(channelId)).map(([type]) => type)).toEqual(['channel.opened', 'channel.degraded', 'channel.opened'])
  })

  test('replaced by another client: tried once more, the second time within ten minutes closed', async () => {
    const node = openNode()
    const { ctx, channelId, number } = await linked()
    stage.server.faults.close(number, 440)
    await eventually(async () => node.connections.length === 2, 15_000)
    await stage.until(ctx, channelId, 'open')
    stage.server.faults.close(number, 440)
    await stage.until(ctx, channelId, 'closed: replaced')
  }, 30_000)

  test('logged out by a person, and no hint tells it: the phone lists the device no more, nothing is kept', async () => {
    openNode()
    const { ctx, channelId, number } = await linked()
    await withSession(ctx, (inside) => logoutChannel(inside, { channelId }))
    await eventually(async () => stage.server.devices(number).length === 0)
    await eventually(async () => (await keysOf(channelId)) === 0)
    expect(await stage.stateOf(ctx, channelId)).toBe('closed: logged_out')
  })

  test('a deleted channel is unlinked as well', async () => {
    openNode()
    const { ctx, channelId, number } = await linked()
    await deleteChannel(ctx, { channelId })
    await eventually(async () => stage.server.devices(number).length === 0)
    await eventually(async () => (await keysOf(channelId)) === 0)
  })

  test('closed and still linked, it can be logged out: the phone lists the device no more, and it does not come back', async () => {
    openNode()
    const { ctx, channelId, number } = await linked()
    stage.server.faults.failLogin(number, 405)
    stage.server.faults.drop(number)
    await stage.until(ctx, channelId, 'closed: outdated')
    stage.server.faults.failLogin(number, undefined)
    await withSession(ctx, (inside) => logoutChannel(inside, { channelId }))
    await eventually(async () => stage.server.devices(number).length === 0)
    await eventually(async () => (await keysOf(channelId)) === 0)
    expect(await stage.stateOf(ctx, channelId)).toBe('closed: logged_out')
  })

  test('a goodbye that nobody answers holds up no other number; its process may end, and the next one says it', async () => {
    const node = openNode()
    const { ctx, channelId, number } = await linked()
    stage.server.faults.stall(number, true)
    await withSession(ctx, (inside) => logoutChannel(inside, { channelId }))
    node.sessions.changed(channelId)
    await eventually(async () => stage.server.devices(number)[0]?.isConnected === false)
    await eventually(async () => node.sessions.get(channelId))
    await linked()
    expect(node.sessions.get(channelId)).toBeDefined()
    await node.close()
    expect(await keysOf(channelId)).toBeGreaterThan(0)
    stage.server.faults.stall(number, false)
    openNode()
    await eventually(async () => stage.server.devices(number).length === 0)
    await eventually(async () => (await keysOf(channelId)) === 0)
  })

  test('a stumble of the database is waited for: the session is held on, and open again', async () => {
    const node = openNode()
    const { ctx, channelId, number } = await linked()
    const { db } = database.database
    const session = node.sessions.get(channelId)
    await run(db, sql`alter table channel_links rename to channel_links_away`)
    stage.server.faults.drop(number)
    await eventually(async () => node.sessions.get(channelId)?.connection === undefined)
    await new Promise((done) => setTimeout(done, 2_500)) // some tries
    await run(db, sql`alter table channel_links_away rename to channel_links`)
    await eventually(async () => node.sessions.get(channelId)?.connection, 15_000)
    expect(node.sessions.get(channelId)).toBe(session)
    await stage.until(ctx, channelId, 'open')
  }, 30_000)

  test('sealed under another secret: closed with the reason, and it can be logged out', async () => {
    const { ctx, channelId } = await linkedOnce()
    await run(database.database.db, sql`update session_keys set value = sha512(value) where channel_id = ${channelId} and type = 'creds'`)
    openNode()
    await stage.until(ctx, channelId, 'closed: unreadable_keys')
    await withSession(ctx, (inside) => logoutChannel(inside, { channelId }))
    await eventually(async () => (await keysOf(channelId)) === 0)
  })

  test('banned while it connects: it writes to nobody new for a while', async () => {
    const { ctx, channelId, number } = await linkedOnce()
    await run(database.database.db, sql`update channels set state = 'connecting', state_reason = null where id = ${channelId}`)
    stage.server.faults.failLogin(number, 403)
    openNode()
    await stage.until(ctx, channelId, 'closed: banned')
    expect((await eventsOf(channelId)).map(([type]) => type)).toEqual(['channel.opened', 'channel.closed', 'channel.guarded'])
  })

  test('the keys are gone, and nobody asked to link it: logged out, instead of a QR that nobody sees', async () => {
    const { ctx, channelId } = await linkedOnce()
    await run(database.database.db, sql`delete from session_keys where channel_id = ${channelId}`)
    openNode()
    await stage.until(ctx, channelId, 'closed: logged_out')
  })

  test('reloaded so quickly that nobody saw it closed: it says open again', async () => {
    openNode()
    const { ctx, channelId } = await linked()
    await run(database.database.db, sql`update channels set state = 'connecting', state_reason = null where id = ${channelId}`)
    await stage.until(ctx, channelId, 'open')
  })

  test('reloaded: another connection, no QR', async () => {
    const node = openNode()
    const { ctx, channelId, number } = await linked()
    await withSession(ctx, (inside) => reloadChannel(inside, { channelId }))
    node.sessions.changed(channelId)
    await eventually(async () => node.sessions.get(channelId) === undefined)
    expect(await stage.stateOf(ctx, channelId)).toBe('closed: reloading')
    await eventually(async () => {
      await reopenDue(database.database.db, { append: appendEvents, hint: () => undefined }, () => database.clock.now())
      return node.connections.length === 2
    })
    await stage.until(ctx, channelId, 'open')
    expect((await getChannelLink(ctx, { channelId })).qr).toBeUndefined()
    expect(stage.server.devices(number)).toMatchObject([{ id: 1, isConnected: true }])
  })
})

/** Verbs that ask what the road can do. */
const withSession = <Result>(ctx: Context, work: (ctx: Context) => Promise<Result>) =>
  work({
    ...ctx,
    ports: {
      ...ctx.ports,
      transports: new Map([['web', { capabilities: webCapabilities }]]) as unknown as Context['ports']['transports'],
    },
  }) // one method is asked

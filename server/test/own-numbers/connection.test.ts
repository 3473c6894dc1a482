import { proto } from 'baileys'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Context } from '#kit/context'
import { run, sql } from '#kit/db'
import { readEnvelope } from '../../src/transports/web/envelope.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { eventually } from '../house.ts'
import { type Node, openStage } from './session-stage.ts'

let database: TestDatabase
let stage: Awaited<ReturnType<typeof openStage>>
let node: Node
beforeAll(async () => {
  database = await testDatabase({ own: true })
  stage = await openStage(database)
})
afterEach(async () => {
  await node.close()
  await run(database.database.db, sql`update channels set state = 'closed', deleted_at = now()`) // what one test left, no later one takes
})
afterAll(async () => {
  await stage.close()
  await database.close()
  expect(stage.server.failures()).toEqual([])
})

type Place = { ctx: Context; channelId: string; number: string }

async function linked(): Promise<Place> {
  node = stage.openNode()
  const number = stage.newNumber()
  const { ctx, channelId } = await stage.newChannel()
  await stage.server.scan(number, await stage.qrOf(ctx, channelId))
  await stage.until(ctx, channelId, 'open')
  return { ctx, channelId, number }
}

/** What comes is kept. */
async function hears(number: string): Promise<void> {
  const before = node.kept.length
  stage.network.reply('+12025550123', number, { content: { type: 'text', text: 'Are you there?' } })
  await eventually(async () => node.kept.length > before)
}

describe('what the network says and the library does not bear', () => {
  test('a refusal, and an end, while it asks for groups anew: nothing ends but the connection', async () => {
    const { number } = await linked()
    stage.server.faults.refuseGroups(number, 429)
    stage.server.faults.dirty(number, 'groups')
    await hears(number)
    expect(node.connections).toHaveLength(1)
    stage.server.faults.dirty(number, 'groups')
    stage.server.faults.drop(number)
    await eventually(async () => node.connections.length === 2)
    await hears(number)
  })

  test('a frame that does not open: a new connection', async () => {
    const { number } = await linked()
    stage.server.faults.garble(number)
    await eventually(async () => node.connections.length === 2)
    await hears(number)
  })
})

test('a connection that is cut keeps nobody waiting for an answer', async () => {
  await linked()
  const [{ socket, cut }] = node.connections as [Node['connections'][number]]
  const asked = socket.waitForMessage('nobody answers this')
  cut()
  await expect(asked).rejects.toThrow('Connection Closed')
})

describe('what an own number receives', () => {
  test('while the database is away: it comes again, and is kept then', async () => {
    const { number } = await linked()
    node.isForgetful = true
    stage.network.reply('+12025550123', number, { content: { type: 'text', text: 'Are you there?' } })
    await eventually(async () => node.connections.length === 2)
    expect(node.kept).toEqual([])
    node.isForgetful = false
    await eventually(async () => node.kept.length > 0)
    await eventually(async () => stage.server.unacknowledged(number) === 0)
    expect(said()).toEqual(['Are you there?'])
  }, 30_000)

  test('through a list of people: as from one of them', async () => {
    const { number } = await linked()
    stage.server.faults.writeToList('+12025550123', true)
    await hears(number)
    stage.server.faults.writeToList('+12025550123', false)
    await eventually(async () => stage.server.unacknowledged(number) === 0)
    expect(said()).toEqual(['Are you there?'])
    expect(readEnvelope(theOne()).attributes).toMatchObject({
      from: expect.stringMatching(/@broadcast$/),
      participant: '12025550123@s.whatsapp.net',
    })
  })

  test('without what it says: the phone hands it on', async () => {
    const { number } = await linked()
    stage.server.faults.hide('+12025550123', 1)
    await hears(number)
    expect(said()).toEqual(['Are you there?'])
    expect(readEnvelope(theOne()).attributes).toMatchObject({
      from: '12025550123@s.whatsapp.net',
      sender_lid: stage.server.lid('+12025550123'),
    })
    await eventually(async () => stage.server.unacknowledged(number) === 0)
  }, 30_000)
})

const theOne = () => (node.kept[0] as { body: Buffer }).body
const said = () => node.kept.map(({ body }) => proto.Message.decode(readEnvelope(body).message).conversation)

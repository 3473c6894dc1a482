import { afterAll, beforeAll, expect, test } from 'vitest'
import { all, first, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { type BareChannel, bareChannel, putMessages } from '#test/engine-fixture'
import { factsOf, openEngineStage } from '../../test/laws/engine-stage.ts'
import { openOwnNumber, paceOf, putToPeople } from '../../test/laws/own-number.ts'
import { returnStart } from './return-start.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true })
})
afterAll(() => house.close())

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 12, 0, seconds))

const spentOf = ({ id }: BareChannel) =>
  first(house.database.db, sql<{ tokens: number; daily_count: number }>`select tokens, daily_count from buckets where channel_id = ${id}`)
const toldOf = async ({ workspaceId }: BareChannel) =>
  (
    await all(
      house.database.db,
      sql<{ type: string }>`select type from events where workspace_id = ${workspaceId} and type = 'message.sending'`,
    )
  ).length

test('what cannot leave is not started: nothing is told, and nothing is spent but a moment', async () => {
  const stage = openEngineStage(house, { pair: { everySeconds: 6, burst: 1 } })
  const channel = await bareChannel(house.database, { rate: 10, capacity: 10, at: at(0) })
  const [message] = await putMessages(house.database, channel, { count: 1, at: at(0) })
  const ids = [message?.id ?? '']
  stage.isReady = false
  expect(await stage.start(await stage.claim(at(0)), at(0))).toEqual([])
  expect(await factsOf(house.database, ids)).toMatchObject([{ state: 'scheduled', attempt: 0 }])
  expect(await spentOf(channel)).toEqual({ tokens: 10, daily_count: 0 })
  expect((await stage.claim(new Date(at(1).getTime() - 1))).rows).toEqual([])
  stage.isReady = true
  expect(await stage.start(await stage.claim(at(1)), at(1))).toEqual(ids)
  expect(await toldOf(channel)).toBe(1)
})

test('what was begun before is not judged anew while it could not leave', async () => {
  const stage = openEngineStage(house, { choosesWireId: true })
  const channel = await bareChannel(house.database, { rate: 10, capacity: 10, at: at(0) })
  const [message] = await putMessages(house.database, channel, { count: 1, at: at(0) })
  const ids = [message?.id ?? '']
  expect(await stage.start(await stage.claim(at(0)), at(0))).toEqual(ids)
  stage.isReady = false
  expect(await stage.start(await stage.claim(at(6)), at(6))).toEqual([])
  expect(await factsOf(house.database, ids)).toMatchObject([{ state: 'sending', attempt: 1 }])
})

test('what was started and did not leave gives back its token and its place of the pair, and goes at once when it can', async () => {
  const stage = openEngineStage(house, { pair: { everySeconds: 6, burst: 1 } })
  const channel = await bareChannel(house.database, { rate: 10, capacity: 10, at: at(0) })
  const conversationId = newId()
  await run(
    house.database.db,
    sql`insert into conversations (id, workspace_id, channel_id, address) values (${conversationId}, ${channel.workspaceId}, ${channel.id}, '+12025550000')`,
  )
  const [message] = await putMessages(house.database, channel, { count: 1, at: at(0), conversationId })
  const id = message?.id ?? ''
  expect(await stage.start(await stage.claim(at(0)), at(0))).toEqual([id])
  await returnStart(
    house.database.engine,
    { row: { id, channelId: channel.id, conversationId }, isCold: false, pairSeconds: 6 },
    { claimedAt: at(0), now: at(0) },
  )
  expect(await spentOf(channel)).toEqual({ tokens: 10, daily_count: 0 })
  await stage.settle(
    { workspaceId: channel.workspaceId, id },
    { kind: 'retry', code: 'not_started', reason: 'too late for its claim', afterMs: 0 },
    { attempt: 1, at: at(0) },
  )
  expect(await stage.start(await stage.claim(at(1)), at(1))).toEqual([id])
})

test('a cold one that did not leave is not counted', async () => {
  const own = await openOwnNumber(house, at(0))
  const [message] = await putToPeople(house, own.channel, { count: 1, at: at(0) })
  const { id = '', conversationId = '' } = message ?? {}
  await own.round(at(0))
  expect(await paceOf(house, own.channel)).toMatchObject({ sent: 1 })
  await returnStart(
    house.database.engine,
    { row: { id, channelId: own.channel.id, conversationId }, isCold: true, pairSeconds: undefined },
    { claimedAt: at(0), now: at(0) },
  )
  expect(await paceOf(house, own.channel)).toMatchObject({ sent: 0 })
})

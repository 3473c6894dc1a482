import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteChannel, pauseChannel, resumeChannel } from '#core/channels'
import { appendEvents } from '#core/events'
import { inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { type TestDatabase, testDatabase } from '#test/database'
import { type BareChannel, bareChannel, putMessages } from '#test/engine-fixture'
import { contextIn, factsOf, openEngineStage, untilSomebodyWaits } from '../../test/laws/engine-stage.ts'
import { openStrandedEnds } from './end-stranded.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await testDatabase({ own: true })
})
afterAll(() => house.close())

const HOUR_MS = 3_600_000
const LATE_SECONDS = 21_600
const ago = (hours: number) => new Date(house.clock.now().getTime() - hours * HOUR_MS)

const endStranded = () => {
  const { database, clock } = house
  return openStrandedEnds({ database, events: { append: appendEvents, hint: () => undefined }, now: clock.now })()
}

/** A channel stopped for so many hours, and messages that came at `at`, with what else is set of their rows. */
async function stopped(reason: string, hours: number) {
  const channel = await bareChannel(house.database, { rate: 100, capacity: 100, at: ago(100) })
  await run(
    house.database.db,
    sql`update buckets set blocked_until = 'infinity', blocked_reason = ${reason}, blocked_since = ${ago(hours)} where channel_id = ${channel.id}`,
  )
  return channel
}

type More = {
  sendAt?: Date
  expiresAt?: Date
  lateSeconds?: number | null
  lateAction?: 'expire' | 'hold'
  campaignId?: string
  inLine?: boolean
  dueAt?: Date
}

async function put(channel: BareChannel, at: Date, { lateSeconds = LATE_SECONDS, lateAction = 'expire', ...more }: More = {}, count = 1) {
  const messages = await putMessages(house.database, channel, { count, at })
  const ids = messages.map(({ id }) => id)
  await run(
    house.database.db,
    sql`update messages set send_at = ${more.sendAt ?? null}, expires_at = ${more.expiresAt ?? null}, late_seconds = ${lateSeconds}, late_action = ${lateAction},
      campaign_id = ${more.campaignId ?? null} where id = any(${ids}::uuid[])`,
  )
  await run(
    house.database.db,
    sql`update outbox_sends set in_line = ${more.inLine ?? false}, due_at = coalesce(${more.dueAt ?? null}, due_at) where subject = any(${ids}::uuid[])`,
  )
  return ids
}

const standing = async (ids: readonly string[]) => (await factsOf(house.database, ids)).map(({ state, code }) => [state, code])
const FAR = new Date('9999-12-31T00:00:00Z')

test('what waited longer for a closed channel than it may be late ends; what came later, or what a person wants to decide, waits on', async () => {
  const channel = await stopped('logged_out', 7)
  const ids = [
    ...(await put(channel, ago(7))),
    ...(await put(channel, ago(5))),
    ...(await put(channel, ago(7), { lateAction: 'hold' })),
    ...(await put(channel, ago(20), { sendAt: ago(8) })),
  ]
  await endStranded()
  expect(await standing(ids)).toEqual([
    ['expired', 'channel_closed'],
    ['scheduled', null],
    ['scheduled', null],
    ['expired', 'channel_closed'],
  ])
})

test('what had waited for its turn ends by how long its channel has been closed', async () => {
  const channel = await stopped('connecting', 0.001)
  const ids = await put(channel, ago(30))
  await endStranded()
  expect(await standing(ids)).toEqual([['scheduled', null]])
})

test('a pause keeps what waits, however long, but nothing beyond its own end', async () => {
  const channel = await bareChannel(house.database, { rate: 100, capacity: 100, at: ago(100) })
  await pauseChannel(await contextIn(house, channel), { channelId: channel.id })
  await run(house.database.db, sql`update buckets set blocked_since = ${ago(50)} where channel_id = ${channel.id}`)
  const ids = [...(await put(channel, ago(40))), ...(await put(channel, ago(40), { expiresAt: ago(1) }))]
  await endStranded()
  expect(await standing(ids)).toEqual([
    ['scheduled', null],
    ['expired', 'expired'],
  ])
})

test('who is resumed while it is closed has its time from then on', async () => {
  const channel = await stopped('paused', 50)
  await run(house.database.db, sql`update channels set state = 'closed', state_reason = 'restricted' where id = ${channel.id}`)
  await resumeChannel(await contextIn(house, channel), { channelId: channel.id })
  const ids = await put(channel, ago(40))
  await endStranded()
  expect(await standing(ids)).toEqual([['scheduled', null]])
})

test('its own end is told in its own words, that of its campaign too', async () => {
  const channel = await stopped('logged_out', 1)
  const ids = [
    ...(await put(channel, ago(3), { expiresAt: ago(2), lateSeconds: null })),
    ...(await put(channel, ago(3), { expiresAt: ago(2), lateSeconds: null, campaignId: newId() })),
    ...(await put(channel, ago(3), { lateSeconds: null, campaignId: newId() })),
  ]
  await endStranded()
  expect(await standing(ids)).toEqual([
    ['expired', 'expired'],
    ['skipped', 'campaign_ended'],
    ['scheduled', null],
  ])
})

test('of a deleted channel campaigns and lines end at once, what had begun is told as unknown, the rest at its limit', async () => {
  const channel = await bareChannel(house.database, { rate: 100, capacity: 100, at: ago(100) })
  const ids = [
    ...(await put(channel, ago(1), { lateSeconds: null, campaignId: newId(), dueAt: FAR })),
    ...(await put(channel, ago(1), { inLine: true, dueAt: FAR })),
    ...(await put(channel, ago(1))),
    ...(await put(channel, ago(8), { sendAt: ago(7), lateAction: 'hold', dueAt: FAR })),
    ...(await put(channel, ago(1))),
  ]
  const begun = ids.at(-1) ?? ''
  await run(
    house.database.db,
    sql`update messages set state = 'sending', attempt = 1, sending_at = ${ago(1)}, on_unknown = 'retry' where id = ${begun}`,
  )
  await deleteChannel(await contextIn(house, channel), { channelId: channel.id })
  await endStranded()
  expect(await standing(ids)).toEqual([
    ['expired', 'channel_closed'],
    ['expired', 'channel_closed'],
    ['scheduled', null],
    ['expired', 'channel_closed'],
    ['failed', 'outcome_unknown'],
  ])
})

test('a thousand that a person wants to decide hide nobody behind them', async () => {
  const channel = await stopped('logged_out', 9)
  await put(channel, ago(8), { lateAction: 'hold' }, 1_100)
  const ids = await put(channel, ago(7))
  await endStranded()
  expect(await standing(ids)).toEqual([['expired', 'channel_closed']])
})

test('what starts in that very moment goes on', async () => {
  const { database, clock } = house
  const channel = await stopped('logged_out', 7)
  const [id = ''] = await put(channel, ago(7))
  let ending: Promise<void> | undefined
  await inTransaction(database.db, {}, async (db) => {
    await run(db, sql`update buckets set blocked_until = null, blocked_reason = null where channel_id = ${channel.id}`)
    await run(db, sql`update messages set state = 'sending', attempt = 1, sending_at = ${clock.now()} where id = ${id}`)
    ending = endStranded()
    await untilSomebodyWaits(database)
  })
  await ending
  expect(await standing([id])).toEqual([['sending', null]])
  const { settle } = openEngineStage(house)
  await settle(
    { workspaceId: channel.workspaceId, id },
    { kind: 'retry', code: 'not_started', reason: 'test', afterMs: 0 },
    { attempt: 1, at: clock.now() },
  )
  expect(await standing([id])).toEqual([['scheduled', null]])
  expect(await run(database.db, sql`update outbox_sends set parked = parked where subject = ${id}`)).toBe(1)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { first, run, sql } from '#kit/db'
import { withTransaction } from '#kit/operation'
import { testWorkspace } from '../../../test/context.ts'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { CLOUD, eventsOf } from '../../../test/rows.ts'
import { beginRamp, countLinkedDays, createChannel, getChannel, guardChannel, resumeCold, updateChannel } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase({ own: true })
})
afterAll(() => open.close())

async function ownNumber() {
  await open.moveClock('0')
  const { ctx } = await testWorkspace(open)
  const { id: channelId } = await createChannel(ctx, CLOUD)
  await run(ctx.db, sql`update channels set kind = 'web' where id = ${channelId}`)
  await beginRamp(open.database.db, { id: channelId, workspaceId: ctx.workspaceId })
  return { ctx, channelId, standing: async () => (await getChannel(ctx, { channelId })).cold }
}

test('an own number grows by the days on which it is linked, and by no others', async () => {
  const { ctx, channelId, standing } = await ownNumber()
  expect(await standing()).toMatchObject({ allowedToday: 5, sentToday: 0 })
  await beginRamp(open.database.db, { id: channelId, workspaceId: ctx.workspaceId })
  await countLinkedDays(open.database.db)
  expect(await standing()).toMatchObject({ allowedToday: 5 })
  await open.moveClock('1 day')
  await countLinkedDays(open.database.db)
  await countLinkedDays(open.database.db)
  expect(await standing()).toMatchObject({ allowedToday: 6 })
  await run(ctx.db, sql`update channels set state = 'closed' where id = ${channelId}`)
  await open.moveClock('20 days')
  await countLinkedDays(open.database.db)
  await run(ctx.db, sql`update channels set state = 'open' where id = ${channelId}`)
  await open.moveClock('21 days')
  await countLinkedDays(open.database.db)
  expect(await standing()).toMatchObject({ allowedToday: 7 })
})

test('a stop is shown and told once; a person ends it early, and the next one is longer', async () => {
  const { ctx, channelId, standing } = await ownNumber()
  const guard = async () => {
    const channel = await getChannel(ctx, { channelId })
    await withTransaction(ctx, async (inside) =>
      inside.transaction?.events.push(...(await guardChannel(inside.db, channel, 'contacts_locked', inside.now()))),
    )
  }
  await guard()
  await guard()
  const until = (await standing())?.stoppedUntil
  expect(await standing()).toMatchObject({ stopReason: 'contacts_locked', nextAt: until })
  expect((until?.getTime() ?? 0) - open.clock.now().getTime()).toBeGreaterThan(86_390_000)
  const guarded = (await eventsOf(ctx)).filter(({ type }) => type === 'channel.guarded')
  expect(guarded).toEqual([{ type: 'channel.guarded', facts: { reason: 'contacts_locked', until: until?.toISOString() } }])
  expect(await resumeCold(ctx, { channelId })).toMatchObject({ cold: { stoppedUntil: undefined, stopReason: undefined } })
  await guard()
  const hours = ((await standing())?.stoppedUntil?.getTime() ?? 0) - open.clock.now().getTime()
  expect(Math.round(hours / 3_600_000)).toBe(48)
})

test('without rules there is nothing to show, and nothing to resume', async () => {
  const { ctx, channelId, standing } = await ownNumber()
  await updateChannel(ctx, { channelId, settings: { pacing: { cold: 'off' } } })
  expect(await standing()).toBeUndefined()
  await expect(resumeCold(ctx, { channelId })).rejects.toMatchObject({ code: 'unsupported' })
  expect((await updateChannel(ctx, { channelId, settings: { pacing: null } })).cold).toMatchObject({ allowedToday: 5 })
})

test('whoever waits in line is called anew when the rules change, and only if somebody waits', async () => {
  const { ctx, channelId } = await ownNumber()
  const callsIn = async () => {
    const row = await first(
      ctx.db,
      sql<{
        seconds: number | null
      }>`select extract(epoch from calls_at - chasqui_now())::float8 as seconds from cold_paces where channel_id = ${channelId}`,
    )
    return row?.seconds
  }
  await updateChannel(ctx, { channelId, settings: { pacing: { mostPerDay: 100 } } })
  expect(await callsIn()).toBeNull()
  await run(ctx.db, sql`update cold_paces set calls_at = chasqui_now() + interval '1 hour' where channel_id = ${channelId}`)
  await updateChannel(ctx, { channelId, name: 'Renamed' })
  expect(await callsIn()).toBeGreaterThan(3_000)
  await updateChannel(ctx, { channelId, settings: { pacing: { firstDay: 20 } } })
  expect(await callsIn()).toBeLessThanOrEqual(0)
})

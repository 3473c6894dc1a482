import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudience } from '#core/audiences'
import { getCampaign } from '#core/campaigns'
import { createChannel, getChannel, lockColdPaces } from '#core/channels'
import type { ChannelEffect } from '#core/transport'
import { inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { openLog } from '#kit/log'
import { testWorkspace } from '#test/context'
import { type TestDatabase, testDatabase } from '#test/database'
import { CLOUD, eventsOf } from '#test/rows'
import { untilSomebodyWaits } from '../../test/laws/engine-stage.ts'
import { obeyOutcome } from './obey-outcome.ts'
import type { Started } from './start-messages.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase({ own: true })
})
afterAll(() => open.close())

/** An own number with a campaign that runs, and two that do not. */
async function ownNumber() {
  const { ctx } = await testWorkspace(open)
  const { id: channelId } = await createChannel(ctx, CLOUD)
  const { id: audienceId } = await createAudience(ctx, { name: 'all', members: [{ to: '+14155550123' }] })
  const runs = newId()
  const settings = JSON.stringify({ onMissingVariable: 'fail', zone: 'sender', guard: null })
  await run(
    ctx.db,
    sql`insert into campaigns (id, workspace_id, name, channel_id, audience_id, state, content, settings)
      select id, ${ctx.workspaceId}, state, ${channelId}, ${audienceId}, state, '{"type":"text","text":"hi"}', ${settings}::jsonb
      from unnest(${[runs, newId(), newId()]}::uuid[], array['running', 'paused', 'draft']) as c(id, state)`,
  )
  await run(ctx.db, sql`update channels set kind = 'web' where id = ${channelId}`)
  ctx.ports.channels.forget(channelId)
  const channel = await ctx.ports.channels.get(ctx.workspaceId, channelId)
  if (!channel) throw new Error('the channel is gone')
  const parts = {
    database: open.database,
    ports: ctx.ports,
    log: openLog('silent'),
    now: ctx.now,
    contextIn: async () => ctx,
    reconcileMs: 10_000,
  }
  // of what was started only these are looked at
  const started = { row: { id: newId(), contactId: null }, isCold: true } as Started
  return {
    ctx,
    channelId,
    standing: async () => (await getChannel(ctx, { channelId })).cold,
    stateOf: async () => (await getCampaign(ctx, { campaignId: runs })).state,
    told: async () => (await eventsOf(ctx)).filter(({ type }) => type.endsWith('.guarded') || type === 'channel.closed'),
    answer: (effect: ChannelEffect) =>
      obeyOutcome(parts, {
        channel,
        started,
        claimedAt: ctx.now(),
        outcome: { kind: 'rejected', code: '463', reason: 'no new chats', effect },
      }),
  }
}

test('a number that may write to nobody new stops doing so, and its campaigns pause with the reason', async () => {
  const { standing, stateOf, told, answer } = await ownNumber()
  await answer({ cold: { reason: 'contacts_locked' } })
  await answer({ cold: { reason: 'contacts_locked' } })
  expect(await standing()).toMatchObject({ stopReason: 'contacts_locked', stoppedUntil: expect.any(Date) })
  expect(await stateOf()).toBe('paused')
  expect(await told()).toMatchObject([
    { type: 'channel.guarded', facts: { reason: 'contacts_locked', until: expect.any(String) } },
    { type: 'campaign.guarded', facts: { reason: 'contacts_locked' } },
  ])
})

test('one that is closed as well keeps its campaigns as they are: nothing leaves until it is linked again', async () => {
  const { standing, stateOf, told, answer } = await ownNumber()
  await answer({ stop: { reason: 'logged_out' }, cold: { reason: 'logged_out' } })
  expect(await standing()).toMatchObject({ stopReason: 'logged_out' })
  expect(await stateOf()).toBe('running')
  expect((await told()).map(({ type }) => type)).toEqual(['channel.guarded', 'channel.closed'])
})

test('a stop outlasts a connection to the database that breaks just then', async () => {
  const { ctx, channelId, standing, stateOf, told, answer } = await ownNumber()
  const { database } = open
  const held = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const holding = inTransaction(database.engine, {}, async (db) => {
    await lockColdPaces(db, [channelId], ctx.now())
    locked.resolve()
    await held.promise
  })
  await locked.promise
  const answered = answer({ cold: { reason: 'contacts_locked' } })
  await untilSomebodyWaits(database)
  await run(
    database.db,
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%cold_paces%'`,
  )
  held.resolve()
  await Promise.all([holding, answered])
  expect(await standing()).toMatchObject({ stopReason: 'contacts_locked' })
  expect(await stateOf()).toBe('paused')
  expect(await told()).toHaveLength(2)
})

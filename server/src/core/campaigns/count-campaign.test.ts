import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAudience } from '#core/audiences'
import { createChannel } from '#core/channels'
import type { Context } from '#kit/context'
import { first, inTransaction, run, sql } from '#kit/db'
import { newId } from '#kit/ids'
import { testWorkspace } from '#test/context'
import { type TestDatabase, testDatabase } from '#test/database'
import { CLOUD } from '#test/rows'
import { getCampaign, listCampaigns } from './index.ts'

let open: TestDatabase
beforeAll(async () => {
  open = await testDatabase()
})
afterAll(() => open.close())

/** Campaigns that say they have so many recipients; one is there of each. */
async function campaignsOf(totals: readonly number[]) {
  const { ctx } = await testWorkspace(open)
  const { id: channelId } = await createChannel(ctx, CLOUD)
  const { id: audienceId } = await createAudience(ctx, { name: 'all', members: [{ to: '+14155550123' }] })
  const rows = totals.map((total) => ({ id: newId(), total }))
  const settings = JSON.stringify({ onMissingVariable: 'fail', zone: 'sender', guard: null })
  const ids = rows.map(({ id }) => id)
  await run(
    open.database.db,
    sql`insert into campaigns (id, workspace_id, name, channel_id, audience_id, state, content, settings, started_at, total)
      select c.id, ${ctx.workspaceId}, 'x', ${channelId}, ${audienceId}, 'running', '{"type":"text","text":"hi"}', ${settings}::jsonb, '2026-01-01', c.total
      from unnest(${ids}::uuid[], ${totals}::integer[]) as c(id, total)`,
  )
  await addRecipients(ctx, ids)
  return { ctx, ids }
}

const addRecipients = (ctx: Context, ids: readonly string[]) =>
  run(
    open.database.db,
    sql`insert into campaign_recipients (campaign_id, id, workspace_id, address, variables, state, due_at)
      select c.id, gen_random_uuid(), ${ctx.workspaceId}, gen_random_uuid()::text, '{}', 'waiting', now() from unnest(${ids}::uuid[]) as c(id)`,
  )

const figuresOf = async (ctx: Context) => (await listCampaigns(ctx, { order: 'oldest' })).rows.map(({ counts }) => counts)
const waitingOf = async (ctx: Context) => (await figuresOf(ctx)).map(({ byState }) => byState.waiting ?? 0)

test('of campaigns that are too large to be counted together some are counted, others by the next question, and all are answered', async () => {
  const { ctx } = await campaignsOf([900_000, 800_000, 700_000])
  const [never, ...counted] = await figuresOf(ctx)
  expect(never).toEqual({ byState: {}, reasons: [], at: new Date('2026-01-01T00:00:00Z') })
  expect(counted.map(({ byState }) => byState)).toEqual([{ waiting: 1 }, { waiting: 1 }])
  expect(await waitingOf(ctx)).toEqual([1, 1, 1])
})

test('many small ones are counted anew no oftener than one that is as large as all of them', async () => {
  const { ctx, ids } = await campaignsOf([20_000, 20_000, 20_000, 20_000])
  expect(await waitingOf(ctx)).toEqual([1, 1, 1, 1])
  await addRecipients(ctx, ids)
  expect(await waitingOf(ctx)).toEqual([1, 1, 1, 1])
  expect((await getCampaign(ctx, { campaignId: ids[0] ?? '' })).counts.byState).toEqual({ waiting: 2 }) // alone it is small
  await run(open.database.db, sql`update campaigns set counted_at = counted_at - interval '3 seconds' where id = any(${ids}::uuid[])`)
  expect(await waitingOf(ctx)).toEqual([2, 2, 2, 2])
})

test('a campaign that somebody holds is counted, and not waited for', async () => {
  const { ctx, ids } = await campaignsOf([200_000])
  await inTransaction(open.database.db, {}, async (db) => {
    await run(db, sql`select 1 from campaigns where id = any(${ids}::uuid[]) for update`)
    expect(await waitingOf(ctx)).toEqual([1])
  })
  expect(await first(open.database.db, sql`select counts from campaigns where id = any(${ids}::uuid[])`)).toEqual({ counts: null })
})

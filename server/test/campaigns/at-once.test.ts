import { afterAll, beforeAll, expect, test } from 'vitest'
import { appendMembers, createAudience, listMembers, removeMember } from '#core/audiences'
import { advanceCampaign, createCampaign, getCampaign } from '#core/campaigns'
import { deleteChannel } from '#core/channels'
import type { Context } from '#kit/context'
import { all, sql } from '#kit/db'
import { openStrandedEnds } from '../../src/dispatch/end-stranded.ts'
import { type TestDatabase, testDatabase } from '../database.ts'
import { type Doors, openDoors, type Tenant } from '../doors/doors.ts'

/** Campaigns whose turns this test takes itself: nothing is sent, all stays in the outbox. */
let open: TestDatabase
let doors: Doors
let tenant: Tenant
let ctx: Context
beforeAll(async () => {
  open = await testDatabase({ own: true })
  doors = await openDoors(open)
  tenant = await doors.tenant()
  ctx = tenant.ctx
})
afterAll(async () => {
  await doors.close()
  await open.close()
})

const people = (count: number, area: number) =>
  Array.from({ length: count }, (_, i) => ({ to: `+1${area}${200 + Math.floor(i / 10_000)}${String(i % 10_000).padStart(4, '0')}` }))
const turn = (campaignId: string) => advanceCampaign(ctx, { database: open.database }, campaignId)
const writtenTo = (campaignId: string) =>
  all(
    open.database.db,
    sql<{ id: string; address: string; waits: number }>`
      select m.id, m.address, (select count(*)::integer from outbox o where o.subject = m.id and o.kind = 'send') as waits from messages m where m.campaign_id = ${campaignId} order by m.address`,
  )

async function running(count: number, area: number) {
  const { id: audienceId } = await createAudience(ctx, { name: `Audience ${area}`, members: people(count, area) })
  const { id } = await createCampaign(ctx, {
    name: 'At once',
    audienceId,
    content: { type: 'text', text: 'Hello' },
    channelId: tenant.own.id,
  })
  return { id, audienceId }
}

test('many that look at once make each recipient once, and his message once', async () => {
  const { id } = await running(900, 212)
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 4 }, () => turn(id)))
  const rows = await writtenTo(id)
  expect(rows.map(({ address }) => address)).toEqual(people(900, 212).map(({ to }) => to))
  expect(rows.every(({ waits }) => waits === 1)).toBe(true)
})

test('recipients are frozen: who joins the audience later gets nothing, who leaves it still does', async () => {
  const { id, audienceId } = await running(3, 213)
  while (!(await getCampaign(ctx, { campaignId: id })).frozenAt) await turn(id)
  await appendMembers(ctx, { audienceId, members: people(4, 213).slice(3) })
  const { rows: members } = await listMembers(ctx, { audienceId })
  await removeMember(ctx, { audienceId, memberId: members[0]?.id ?? '' })
  for (let round = 0; round < 3; round++) await turn(id)
  expect((await writtenTo(id)).map(({ address }) => address)).toEqual(people(3, 213).map(({ to }) => to))
  expect((await getCampaign(ctx, { campaignId: id })).total).toBe(3)
})

test('a campaign whose channel is deleted is completed, and says of everybody what became of it', async () => {
  const { id } = await running(3, 214)
  for (let round = 0; round < 3; round++) await turn(id)
  await deleteChannel(ctx, { channelId: tenant.own.id })
  await openStrandedEnds({ database: open.database, events: ctx.ports.events, now: ctx.now })()
  await turn(id)
  const { state, counts } = await getCampaign(ctx, { campaignId: id })
  expect(state).toBe('completed')
  expect(counts).toMatchObject({ byState: { expired: 3 }, reasons: [{ code: 'channel_closed', count: 3 }] })
})

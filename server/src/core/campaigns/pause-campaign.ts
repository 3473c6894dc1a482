import { z } from 'zod'
import type { Context } from '#kit/context'
import { operation, withTransaction } from '#kit/operation'
import { findRunning, lockCampaign, updateCampaignRow } from './campaign.store.ts'
import { CAMPAIGN_STATES, type Campaign, type CountedCampaign, type Guard } from './campaign.ts'
import { countCampaign } from './count-campaign.ts'
import { pauseQueue } from './queue.store.ts'
import { holdCampaign } from './require-campaign.ts'
import { tellCampaign } from './tell-campaign.ts'

export const pauseCampaign = operation({
  name: 'campaigns.pause',
  does: 'Start nothing more of a campaign once this answers, until it is resumed. What has left goes on to be told.',
  needs: 'campaigns:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({
    campaignId: z.uuid(),
    from: z.array(z.enum(CAMPAIGN_STATES)).default(['scheduled', 'running']).describe('The states in which the caller may pause'),
  }),
  async run(ctx, { campaignId, from }): Promise<CountedCampaign> {
    const campaign = await holdCampaign(ctx, campaignId, { states: from, to: 'paused' })
    await pauseQueue(ctx.db, campaign, true)
    const paused = await updateCampaignRow(ctx.db, campaign, { state: 'paused', reason: undefined, lookAt: undefined })
    tellCampaign(ctx, 'campaign.paused', campaign)
    return countCampaign(ctx, paused)
  },
})

export const resumeCampaign = operation({
  name: 'campaigns.resume',
  does: 'Go on after a pause, where it had come to.',
  needs: 'campaigns:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({ campaignId: z.uuid() }),
  async run(ctx, { campaignId }): Promise<CountedCampaign> {
    const campaign = await holdCampaign(ctx, campaignId, { states: ['paused'], to: 'resumed' })
    await pauseQueue(ctx.db, campaign, false)
    const state = campaign.startedAt ? 'running' : 'scheduled'
    const lookAt = campaign.startedAt || !campaign.startAt || campaign.startAt < ctx.now() ? ctx.now() : campaign.startAt
    const resumed = await updateCampaignRow(ctx.db, campaign, { state, reason: undefined, lookAt })
    const { queueId } = campaign
    if (queueId !== undefined) ctx.transaction?.afterCommit.push(() => ctx.ports.touches.touch(queueId, ctx.now()))
    tellCampaign(ctx, 'campaign.resumed', campaign)
    return countCampaign(ctx, resumed)
  },
})

export type Alarm = { reason: string; failed: number; tried: number }

/** Pauses a campaign that runs when too much goes wrong by its own measure; answers why, undefined: it goes on. */
export const guardCampaign = (ctx: Context, campaignId: string, judge: (guard: Guard) => Alarm | undefined): Promise<Alarm | undefined> =>
  withTransaction(ctx, async (inside) => {
    const campaign = await lockCampaign(inside.db, ctx.workspaceId, campaignId)
    const alarm = campaign?.state === 'running' && campaign.settings.guard ? judge(campaign.settings.guard) : undefined
    if (!campaign || !alarm) return undefined
    await pauseGuarded(inside, campaign, alarm)
    return alarm
  })

/** In a transaction: pauses all campaigns that run on a channel of which the network has had enough, whatever their own measure. */
export async function guardCampaignsOf(ctx: Context, channelId: string, reason: string): Promise<void> {
  for (const id of await findRunning(ctx.db, ctx.workspaceId, channelId)) {
    const campaign = await lockCampaign(ctx.db, ctx.workspaceId, id)
    if (campaign?.state === 'running') await pauseGuarded(ctx, campaign, { reason })
  }
}

async function pauseGuarded(ctx: Context, campaign: Campaign, alarm: Pick<Alarm, 'reason'>): Promise<void> {
  await pauseQueue(ctx.db, campaign, true)
  await updateCampaignRow(ctx.db, campaign, { state: 'paused', reason: alarm.reason, lookAt: undefined })
  tellCampaign(ctx, 'campaign.guarded', campaign, alarm)
}

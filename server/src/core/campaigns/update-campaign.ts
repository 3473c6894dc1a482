import { z } from 'zod'
import { inspectContent } from '#core/messages'
import type { Context } from '#kit/context'
import { operation, withTransaction } from '#kit/operation'
import { type StoredCampaign, updateCampaignRow } from './campaign.store.ts'
import type { Campaign, CountedCampaign } from './campaign.ts'
import { CampaignFields } from './campaign-input.ts'
import { NOTHING_COUNTED, withCounts } from './count-campaign.ts'
import { checkTimes } from './create-campaign.ts'
import { refuseMissing } from './judge-audience.ts'
import { beginsAt } from './judge-person.ts'
import { holdCampaign, requireCampaign } from './require-campaign.ts'
import { tellCampaign } from './tell-campaign.ts'

const { name, channelId, content, startAt, sendUntil, zone, quietHours, onMissingVariable, guard, category } = CampaignFields

export const updateCampaign = operation({
  name: 'campaigns.update',
  does: 'Change a campaign that has not begun; null takes a time or the quiet hours away.',
  needs: 'campaigns:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'unsupported'],
  transaction: 'none', // a large audience is read before anything is held
  input: z.strictObject({
    campaignId: z.uuid(),
    name: name.optional(),
    channelId,
    content: content.optional(),
    startAt: startAt.nullable(),
    sendUntil: sendUntil.nullable(),
    zone: zone.removeDefault().optional(),
    quietHours: quietHours.nullable(),
    onMissingVariable: onMissingVariable.removeDefault().optional(),
    guard: guard.removeDefault().optional(),
    category,
  }),
  async run(ctx, { campaignId, name, ...changes }): Promise<CountedCampaign> {
    const before = await withTransaction(ctx, (inside) => requireCampaign(inside, campaignId))
    const sketch = merge(before, changes)
    checkTimes(ctx, sketch)
    await inspectContent(ctx, sketch)
    if (before.state === 'scheduled') await refuseMissing(ctx, sketch)
    return withTransaction(ctx, async (inside) => {
      const campaign = await holdCampaign(inside, campaignId, { states: ['draft', 'scheduled'], to: 'changed' })
      const { content, channelId, settings, startAt, sendUntil } = merge(campaign, changes)
      const lookAt = campaign.state === 'scheduled' ? await beginning(ctx, { startAt, settings }) : undefined
      const changed = { name: name ?? campaign.name, content, channelId, settings, startAt, sendUntil, lookAt }
      return withCounts(await updateCampaignRow(inside.db, campaign, changed), NOTHING_COUNTED)
    })
  },
})

export const startCampaign = operation({
  name: 'campaigns.start',
  does: 'Begin a draft at its time, or at once.',
  needs: 'campaigns:write',
  mayRefuse: ['invalid', 'not_found', 'conflict'],
  transaction: 'none',
  input: z.strictObject({ campaignId: z.uuid() }),
  async run(ctx, { campaignId }): Promise<CountedCampaign> {
    const draft = await withTransaction(ctx, (inside) => requireCampaign(inside, campaignId))
    checkTimes(ctx, draft)
    if (draft.state === 'draft') await refuseMissing(ctx, draft)
    return withTransaction(ctx, async (inside) => {
      const campaign = await holdCampaign(inside, campaignId, { states: ['draft'], to: 'started' })
      const lookAt = await beginning(ctx, campaign)
      const scheduled = await updateCampaignRow(inside.db, campaign, { state: 'scheduled', lookAt })
      tellCampaign(inside, 'campaign.scheduled', campaign, { beginsAt: lookAt.toISOString() })
      return withCounts(scheduled, NOTHING_COUNTED)
    })
  },
})

async function beginning(ctx: Context, { startAt, settings }: Pick<Campaign, 'startAt' | 'settings'>): Promise<Date> {
  const { timeZone } = await ctx.ports.workspaces.get(ctx.workspaceId)
  return beginsAt({ startAt, settings, timeZone, now: ctx.now() })
}

type Changes = { [Key in 'content' | 'channelId']?: Campaign[Key] | undefined } & {
  [Key in keyof Campaign['settings']]?: Campaign['settings'][Key] | null | undefined
} & { startAt?: Date | null | undefined; sendUntil?: Date | null | undefined }

function merge(campaign: StoredCampaign, { content, channelId, startAt, sendUntil, ...choices }: Changes): StoredCampaign {
  const given = Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined))
  const settings = {
    ...campaign.settings,
    ...given,
    quietHours: choices.quietHours === undefined ? campaign.settings.quietHours : (choices.quietHours ?? undefined),
  }
  return {
    ...campaign,
    content: content ?? campaign.content,
    channelId: channelId ?? campaign.channelId,
    startAt: startAt === undefined ? campaign.startAt : (startAt ?? undefined),
    sendUntil: sendUntil === undefined ? campaign.sendUntil : (sendUntil ?? undefined),
    settings,
  }
}

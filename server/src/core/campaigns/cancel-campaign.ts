import { z } from 'zod'
import { hideOwnAudience } from '#core/audiences'
import { operation } from '#kit/operation'
import { updateCampaignRow } from './campaign.store.ts'
import type { CountedCampaign } from './campaign.ts'
import { countCampaign } from './count-campaign.ts'
import { holdCampaign } from './require-campaign.ts'
import { tellCampaign } from './tell-campaign.ts'

export const cancelCampaign = operation({
  name: 'campaigns.cancel',
  does: 'End a campaign for good. Once this answers, nothing more of it starts; what has not started is taken back within moments.',
  needs: 'campaigns:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({ campaignId: z.uuid() }),
  async run(ctx, { campaignId }): Promise<CountedCampaign> {
    const campaign = await holdCampaign(ctx, campaignId, { states: ['draft', 'scheduled', 'running', 'paused'], to: 'cancelled' })
    const cancelled = await updateCampaignRow(ctx.db, campaign, {
      state: 'cancelled',
      reason: undefined,
      endedAt: ctx.now(),
      lookAt: campaign.startedAt && ctx.now(),
    })
    if (!campaign.frozenAt) await hideOwnAudience(ctx, campaign.audienceId)
    tellCampaign(ctx, 'campaign.cancelled', campaign)
    return countCampaign(ctx, cancelled)
  },
})

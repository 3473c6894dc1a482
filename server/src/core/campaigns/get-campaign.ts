import { z } from 'zod'
import { operation, withTransaction } from '#kit/operation'
import type { CountedCampaign } from './campaign.ts'
import { countCampaign } from './count-campaign.ts'
import { requireCampaign } from './require-campaign.ts'

export const getCampaign = operation({
  name: 'campaigns.get',
  does: 'A campaign with its figures and the reasons of what went wrong, counted from its recipients. Of a large one the figures may be some seconds old.',
  needs: 'campaigns:read',
  mayRefuse: ['not_found'],
  transaction: 'none', // what is counted is kept by itself
  input: z.strictObject({ campaignId: z.uuid() }),
  run: async (ctx, { campaignId }): Promise<CountedCampaign> =>
    countCampaign(ctx, await withTransaction(ctx, (inside) => requireCampaign(inside, campaignId))),
})

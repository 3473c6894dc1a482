import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { COUNTED_STATES } from './campaign.ts'
import { type ShownRecipient, selectRecipients } from './recipient.store.ts'
import { requireCampaign } from './require-campaign.ts'

export const listRecipients = operation({
  name: 'campaigns.recipients.list',
  does: 'Who a campaign goes to and how each fares: state, code, reason and advice. Empty until it begins.',
  needs: 'campaigns:read',
  mayRefuse: ['not_found'],
  input: PageInput.extend({ campaignId: z.uuid(), states: z.array(z.enum(COUNTED_STATES)).optional() }),
  async run(ctx, { campaignId, states, limit, cursor }): Promise<Page<ShownRecipient>> {
    const campaign = await requireCampaign(ctx, campaignId)
    const rows = await selectRecipients(ctx.db, campaign, { after: cursorId(cursor), limit: limit + 1, states })
    return pageOf(rows, limit, ({ id }) => id)
  },
})

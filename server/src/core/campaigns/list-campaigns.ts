import { z } from 'zod'
import { operation, withTransaction } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { countCampaigns, selectCampaigns } from './campaign.store.ts'
import { CAMPAIGN_STATES, type CountedCampaign } from './campaign.ts'
import { countEach } from './count-campaign.ts'

export const listCampaigns = operation({
  name: 'campaigns.list',
  does: 'The campaigns of this workspace, newest first.',
  needs: 'campaigns:read',
  transaction: 'none', // a count must not hold the page
  input: PageInput.extend({
    order: z.enum(['newest', 'oldest']).default('newest'),
    states: z.array(z.enum(CAMPAIGN_STATES)).optional(),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(ctx, { order, states, limit, cursor, skip, withTotal }): Promise<Page<CountedCampaign> & { total: number | undefined }> {
    const { stored, total } = await withTransaction(ctx, async ({ db, workspaceId }) => ({
      stored: await selectCampaigns(db, workspaceId, { order, states, after: cursorId(cursor), limit: limit + 1, skip }),
      total: withTotal ? await countCampaigns(db, workspaceId) : undefined,
    }))
    const { rows, next } = pageOf(stored, limit, ({ id }) => id)
    return { rows: await countEach(ctx, rows), next, total }
  },
})

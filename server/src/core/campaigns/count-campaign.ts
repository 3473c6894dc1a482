import type { Context } from '#kit/context'
import { keepCounts, type StoredCampaign, type StoredCounts } from './campaign.store.ts'
import type { Campaign, CampaignCounts, CountedCampaign } from './campaign.ts'
import { countRows } from './recipient.store.ts'

export const NOTHING_COUNTED: CampaignCounts = { byState: {}, reasons: [], at: new Date(0) }

/** Up to so many rows are counted anew at every question; of more of them the last count is good for a second a step. */
const ROWS_A_STEP = 20_000
/** And of an ended campaign for a hundredth of the time since its end. */
const ENDED_SHARE = 0.01

/** A campaign with its figures: those of the rows, or, of a large one or an old one, those of a moment ago. */
export async function countCampaign(ctx: Context, campaign: StoredCampaign): Promise<CountedCampaign> {
  const { counts, countedAt, startedAt } = campaign
  if (!startedAt) return withCounts(campaign, NOTHING_COUNTED)
  const goodForMs = goodFor(ctx, campaign)
  if (counts && countedAt && ctx.now().getTime() - countedAt.getTime() < goodForMs)
    return withCounts(campaign, { ...counts, at: countedAt })
  const fresh: StoredCounts = await countRows(ctx.db, campaign)
  if (goodForMs > 0) await keepCounts(ctx.db, campaign, fresh)
  return withCounts(campaign, { ...fresh, at: ctx.now() })
}

function goodFor(ctx: Context, { total = 0, endedAt }: Campaign): number {
  const large = Math.max(0, (total / ROWS_A_STEP - 1) * 1_000)
  return large + (endedAt ? (ctx.now().getTime() - endedAt.getTime()) * ENDED_SHARE : 0)
}

/** Without what only the store must know. */
export function withCounts({ counts: _, countedAt: __, ...campaign }: StoredCampaign, counts: CampaignCounts): CountedCampaign {
  return { ...campaign, counts }
}

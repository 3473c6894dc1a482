import type { Context } from '#kit/context'
import { keepCounts, type StoredCampaign, type StoredCounts } from './campaign.store.ts'
import type { Campaign, CampaignCounts, CountedCampaign } from './campaign.ts'
import { countRows } from './recipient.store.ts'

export const NOTHING_COUNTED: CampaignCounts = { byState: {}, reasons: [], at: new Date(0) }

/** Up to so many rows are counted anew at every question; of more of them the last count is good for a second a step. */
const ROWS_A_STEP = 20_000
/** And of an ended campaign for a hundredth of the time since its end. */
const ENDED_SHARE = 0.01

/** Campaigns with their figures: those of the rows, or, of a large one or an old one, those of a moment ago. */
export async function countEach(ctx: Context, campaigns: readonly StoredCampaign[]): Promise<CountedCampaign[]> {
  const now = ctx.now()
  const known = (campaign: StoredCampaign): CampaignCounts | undefined => {
    const { counts, countedAt, startedAt } = campaign
    if (!startedAt) return NOTHING_COUNTED
    return counts && countedAt && now.getTime() - countedAt.getTime() < goodFor(now, campaign) ? { ...counts, at: countedAt } : undefined
  }
  const stale = campaigns.filter((campaign) => !known(campaign)).map(({ id }) => id)
  const fresh = stale.length > 0 ? await countRows(ctx.db, ctx.workspaceId, stale) : new Map<string, StoredCounts>()
  const kept = campaigns.flatMap((campaign) => {
    const counts = fresh.get(campaign.id)
    return counts && goodFor(now, campaign) > 0 ? [[campaign.id, counts] as const] : []
  })
  if (kept.length > 0) await keepCounts(ctx.db, ctx.workspaceId, new Map(kept))
  return campaigns.map((campaign) => withCounts(campaign, known(campaign) ?? { ...NOTHING_COUNTED, ...fresh.get(campaign.id), at: now }))
}

export async function countCampaign(ctx: Context, campaign: StoredCampaign): Promise<CountedCampaign> {
  const [counted] = await countEach(ctx, [campaign])
  return counted ?? withCounts(campaign, NOTHING_COUNTED)
}

function goodFor(now: Date, { total = 0, endedAt }: Campaign): number {
  const large = Math.max(0, (total / ROWS_A_STEP - 1) * 1_000)
  return large + (endedAt ? (now.getTime() - endedAt.getTime()) * ENDED_SHARE : 0)
}

/** Without what only the store must know. */
export function withCounts({ counts: _, countedAt: __, ...campaign }: StoredCampaign, counts: CampaignCounts): CountedCampaign {
  return { ...campaign, counts }
}

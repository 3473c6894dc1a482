import type { Context } from '#kit/context'
import { withTransaction } from '#kit/operation'
import { keepCounts, type StoredCampaign, type StoredCounts } from './campaign.store.ts'
import type { Campaign, CampaignCounts, CountedCampaign } from './campaign.ts'
import { countRows } from './recipient.store.ts'

export const NOTHING_COUNTED: CampaignCounts = { byState: {}, reasons: [], at: new Date(0) }

/** Up to so many rows are counted anew at every question; of more of them the last count is good for a second a step. */
const ROWS_A_STEP = 20_000
/** And of an ended campaign for a hundredth of the time since its end. */
const ENDED_SHARE = 0.01
/** When so much has been counted for one question, the rest has to do with what was counted last. */
const ROWS_MOST = 1_000_000
const COUNT_MS = 3_000

/** Campaigns with their figures: those of the rows, or, where there are too many to count, those of their last count. */
export async function countEach(ctx: Context, campaigns: readonly StoredCampaign[]): Promise<CountedCampaign[]> {
  const now = ctx.now()
  const stale = campaigns.filter((campaign) => isStale(now, campaign, campaign.total))
  const rows = stale.reduce((sum, { total = 0 }) => sum + total, 0)
  const fresh = await countSome(
    stale.filter((campaign) => isStale(now, campaign, rows)),
    // a transaction each: what was counted is kept, whatever comes of the next
    (campaign) =>
      withTransaction(ctx, async ({ db }) => {
        const counts = await countRows(db, campaign)
        if (goodFor(now, campaign, rows) > 0) await keepCounts(db, campaign, { counts, at: now })
        return counts
      }),
  )
  return campaigns.map((campaign) => {
    const counts = fresh.get(campaign.id)
    return withCounts(campaign, counts ? { ...counts, at: now } : lastCounts(campaign))
  })
}

export async function countCampaign(ctx: Context, campaign: StoredCampaign): Promise<CountedCampaign> {
  const [counted] = await countEach(ctx, [campaign])
  return counted ?? withCounts(campaign, NOTHING_COUNTED)
}

/** Counts a campaign at a time, those first whose last count is the oldest, until it has been enough for one question. */
export async function countSome(
  campaigns: readonly StoredCampaign[],
  count: (campaign: StoredCampaign) => Promise<StoredCounts>,
): Promise<Map<string, StoredCounts>> {
  const age = ({ countedAt }: StoredCampaign) => countedAt?.getTime() ?? 0
  const inOrder = campaigns.toSorted((a, b) => age(a) - age(b) || (a.total ?? 0) - (b.total ?? 0))
  const end = performance.now() + COUNT_MS
  const counted = new Map<string, StoredCounts>()
  let rows = 0
  for (const campaign of inOrder) {
    if (rows >= ROWS_MOST || performance.now() > end) break
    counted.set(campaign.id, await count(campaign))
    rows += campaign.total ?? 0
  }
  return counted
}

/** Of one that was never counted: as it began. */
export const lastCounts = ({ counts, countedAt, startedAt }: StoredCampaign): CampaignCounts =>
  counts && countedAt ? { ...counts, at: countedAt } : { ...NOTHING_COUNTED, ...(startedAt && { at: startedAt }) }

/** `rows`: how many would be counted for this question. */
function isStale(now: Date, campaign: StoredCampaign, rows: number | undefined): boolean {
  const { startedAt, counts, countedAt } = campaign
  if (!startedAt) return false
  return !counts || !countedAt || now.getTime() - countedAt.getTime() >= goodFor(now, campaign, rows)
}

function goodFor(now: Date, { endedAt }: Campaign, rows = 0): number {
  const large = Math.max(0, (rows / ROWS_A_STEP - 1) * 1_000)
  return large + (endedAt ? (now.getTime() - endedAt.getTime()) * ENDED_SHARE : 0)
}

/** Without what only the store must know. */
export function withCounts({ counts: _, countedAt: __, ...campaign }: StoredCampaign, counts: CampaignCounts): CountedCampaign {
  return { ...campaign, counts }
}

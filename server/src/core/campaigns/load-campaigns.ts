import type { Db } from '#kit/db'
import { findCampaigns } from './campaign.store.ts'
import type { CountedCampaign } from './campaign.ts'
import { countSome, lastCounts, withCounts } from './count-campaign.ts'
import { countRows } from './recipient.store.ts'

/** Campaigns with their figures of now, for those who tell events of them; of more than can be counted for one answer those of their last count. */
export async function loadCampaigns(db: Db, workspaceId: string, ids: readonly string[]): Promise<CountedCampaign[]> {
  if (ids.length === 0) return []
  const campaigns = await findCampaigns(db, workspaceId, ids)
  const fresh = await countSome(
    campaigns.filter(({ startedAt }) => startedAt),
    (campaign) => countRows(db, campaign),
  )
  return campaigns.map((campaign) => {
    const counts = fresh.get(campaign.id)
    return withCounts(campaign, counts ? { ...counts, at: campaign.updatedAt } : lastCounts(campaign))
  })
}

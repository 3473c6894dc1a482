import type { Db } from '#kit/db'
import { findCampaigns } from './campaign.store.ts'
import type { CountedCampaign } from './campaign.ts'
import { NOTHING_COUNTED, withCounts } from './count-campaign.ts'
import { countRows } from './recipient.store.ts'

/** Campaigns with their figures of now, for those who tell events of them. */
export async function loadCampaigns(db: Db, workspaceId: string, ids: readonly string[]): Promise<CountedCampaign[]> {
  if (ids.length === 0) return []
  const campaigns = await findCampaigns(db, workspaceId, ids)
  const counted: CountedCampaign[] = []
  for (const campaign of campaigns)
    counted.push(
      withCounts(campaign, campaign.startedAt ? { ...(await countRows(db, campaign)), at: campaign.updatedAt } : NOTHING_COUNTED),
    )
  return counted
}

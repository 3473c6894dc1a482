import type { Db } from '#kit/db'
import { findCampaigns } from './campaign.store.ts'
import type { CountedCampaign } from './campaign.ts'
import { NOTHING_COUNTED, withCounts } from './count-campaign.ts'
import { countRows } from './recipient.store.ts'

/** Campaigns with their figures of now, for those who tell events of them. */
export async function loadCampaigns(db: Db, workspaceId: string, ids: readonly string[]): Promise<CountedCampaign[]> {
  if (ids.length === 0) return []
  const campaigns = await findCampaigns(db, workspaceId, ids)
  const begun = campaigns.filter(({ startedAt }) => startedAt).map(({ id }) => id)
  const counts = begun.length > 0 ? await countRows(db, workspaceId, begun) : undefined
  return campaigns.map((campaign) => withCounts(campaign, { ...NOTHING_COUNTED, ...counts?.get(campaign.id), at: campaign.updatedAt }))
}

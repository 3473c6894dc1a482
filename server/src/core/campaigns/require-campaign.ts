import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { findCampaign, lockCampaign, type StoredCampaign } from './campaign.store.ts'
import type { CampaignState } from './campaign.ts'

/** Throws `not_found`. */
export async function requireCampaign(ctx: Context, campaignId: string): Promise<StoredCampaign> {
  const campaign = await findCampaign(ctx.db, ctx.workspaceId, campaignId)
  if (!campaign) throw notFound('campaign')
  return campaign
}

/** Its row is held until the end of the transaction. Throws `not_found`, or `conflict` when its state is none of these. */
export async function holdCampaign(
  ctx: Context,
  campaignId: string,
  { states, to }: { states: readonly CampaignState[]; to: string },
): Promise<StoredCampaign> {
  const campaign = await lockCampaign(ctx.db, ctx.workspaceId, campaignId)
  if (!campaign) throw notFound('campaign')
  if (!states.includes(campaign.state))
    throw new DomainError('conflict', `A campaign that is ${campaign.state} cannot be ${to}`, { facts: { state: campaign.state } })
  return campaign
}

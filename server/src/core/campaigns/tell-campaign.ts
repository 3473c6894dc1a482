import type { EventType } from '#core/events'
import type { Context } from '#kit/context'
import { raise } from '#kit/operation'
import type { Campaign } from './campaign.ts'

/** Raises a fact about a campaign. */
export function tellCampaign(
  ctx: Context,
  type: Extract<EventType, `campaign.${string}`>,
  { id, channelId, audienceId }: Pick<Campaign, 'id' | 'channelId' | 'audienceId'>,
  facts: Record<string, unknown> = {},
): void {
  raise(ctx, type, { campaignId: id, channelId, audienceId }, facts)
}

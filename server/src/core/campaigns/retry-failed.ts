import { z } from 'zod'
import { createOwnAudience } from '#core/audiences'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation } from '#kit/operation'
import { insertCampaign, type StoredCampaign } from './campaign.store.ts'
import type { CountedCampaign } from './campaign.ts'
import { NOTHING_COUNTED, withCounts } from './count-campaign.ts'
import { copyFailed } from './recipient.store.ts'
import { holdCampaign } from './require-campaign.ts'
import { tellCampaign } from './tell-campaign.ts'

export const retryFailed = operation({
  name: 'campaigns.retry-failed',
  does: 'Send a campaign that has ended once more to those alone whose message failed: a campaign of its own, which begins at once. Those of whom nobody knows whether the message arrived are left out unless you ask for them.',
  needs: 'campaigns:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({
    campaignId: z.uuid(),
    includeUnknown: z.boolean().default(false).describe('Also those whose outcome is unknown: some may get it twice'),
  }),
  async run(ctx, { campaignId, includeUnknown }): Promise<CountedCampaign> {
    const campaign = await holdCampaign(ctx, campaignId, { states: ['completed', 'cancelled'], to: 'sent again' })
    const audience = await createOwnAudience(ctx, { name: campaign.name, members: [] })
    const total = await copyFailed(ctx.db, campaign, { audienceId: audience.id, includeUnknown })
    if (total === 0) throw new DomainError('conflict', 'Nobody is left to send it to: no message of this campaign failed')
    const again = await insertCampaign(ctx.db, {
      ...likeIt(campaign),
      audienceId: audience.id,
      total,
      keyId: ctx.actor.id,
      lookAt: ctx.now(),
    })
    tellCampaign(ctx, 'campaign.scheduled', again, { retryOf: campaign.id })
    return withCounts(again, NOTHING_COUNTED)
  },
})

const likeIt = ({ workspaceId, name, channelId, content, settings, door, id }: StoredCampaign) => ({
  id: newId(),
  workspaceId,
  name: `${name.slice(0, 110)} (again)`,
  channelId,
  content,
  startAt: undefined,
  sendUntil: undefined,
  settings: { ...settings, onMissingVariable: 'leaveToken' as const }, // who lacked a word was judged the first time
  state: 'scheduled' as const,
  door,
  retryOf: id,
})

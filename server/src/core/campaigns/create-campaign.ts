import { z } from 'zod'
import { createOwnAudience, holdAudience } from '#core/audiences'
import { inspectContent } from '#core/messages'
import type { Context } from '#kit/context'
import { invalidField } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation, withTransaction } from '#kit/operation'
import { insertCampaign } from './campaign.store.ts'
import type { CampaignSettings, CountedCampaign } from './campaign.ts'
import { CampaignFields, type CampaignInput, SAY_TO_WHOM, saysToWhom, To } from './campaign-input.ts'
import { NOTHING_COUNTED, withCounts } from './count-campaign.ts'
import { refuseMissing, type Sketch } from './judge-audience.ts'
import { beginsAt } from './judge-person.ts'
import { tellCampaign } from './tell-campaign.ts'

const AHEAD_MOST_MS = 365 * 86_400_000

export const createCampaign = operation({
  name: 'campaigns.create',
  does: 'Send one thing to many: to an audience, or to up to 1,000 people named here. It begins at its time, or at once; a draft begins when it is started.',
  needs: 'campaigns:write',
  mayRefuse: ['invalid', 'not_found', 'unsupported', 'no_channel'],
  transaction: 'none', // a large audience is read page by page before anything is written
  input: z
    .strictObject({ ...CampaignFields, ...To, draft: z.boolean().default(false), door: z.string().max(32).optional() })
    .refine(saysToWhom, SAY_TO_WHOM),
  async run(ctx, { draft, door, ...input }): Promise<CountedCampaign> {
    checkTimes(ctx, input)
    const { id: channelId } = await inspectContent(ctx, input)
    const sketch = { ...sketchOf(input, channelId), audienceId: input.audienceId ?? '' }
    if (input.audienceId !== undefined && !draft) {
      await withTransaction(ctx, (inside) => holdAudience(inside, sketch.audienceId))
      await refuseMissing(ctx, sketch)
    }
    return withTransaction(ctx, async (inside) => {
      const { id: audienceId, memberCount } = await audienceOf(inside, input)
      if (input.recipients && !draft) await refuseMissing(inside, { ...sketch, audienceId })
      const { timeZone } = await ctx.ports.workspaces.get(ctx.workspaceId)
      const begins = beginsAt({ ...sketch, timeZone, now: ctx.now() })
      const campaign = await insertCampaign(inside.db, {
        ...sketch,
        audienceId,
        id: newId(),
        workspaceId: ctx.workspaceId,
        name: input.name,
        state: draft ? 'draft' : 'scheduled',
        door,
        keyId: ctx.actor.id,
        retryOf: undefined,
        total: memberCount,
        lookAt: draft ? undefined : begins,
      })
      if (!draft) tellCampaign(inside, 'campaign.scheduled', campaign, { beginsAt: begins.toISOString() })
      return withCounts(campaign, NOTHING_COUNTED)
    })
  },
})

const audienceOf = (ctx: Context, { audienceId, recipients, name }: Pick<CampaignInput, 'audienceId' | 'recipients' | 'name'>) =>
  recipients ? createOwnAudience(ctx, { name, members: recipients }) : holdAudience(ctx, audienceId ?? '')

/** What decides who is written to, of an input. */
export const sketchOf = (
  { content, startAt, sendUntil, ...choices }: Pick<CampaignInput, 'content' | 'startAt' | 'sendUntil'> & CampaignSettings,
  channelId: string,
): Omit<Sketch, 'audienceId'> => ({ content, startAt, sendUntil, channelId, settings: settingsOf(choices) })

const settingsOf = ({ onMissingVariable, zone, quietHours, guard, category }: CampaignSettings): CampaignSettings => ({
  onMissingVariable,
  zone,
  quietHours,
  guard,
  category,
})

/** Throws `invalid` for a time too far ahead, or an end before the beginning. */
export function checkTimes(ctx: Context, { startAt, sendUntil }: Pick<CampaignInput, 'startAt' | 'sendUntil'>): void {
  if (startAt && startAt.getTime() - ctx.now().getTime() > AHEAD_MOST_MS)
    throw invalidField('startAt', 'must be at most 365 days ahead', 'too_big')
  if (sendUntil && sendUntil <= (startAt ?? ctx.now())) throw invalidField('sendUntil', 'is before the campaign could begin')
}

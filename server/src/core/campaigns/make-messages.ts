import { acceptWithin, type MessageInput, prepareMessages } from '#core/messages'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { withTransaction } from '#kit/operation'
import { lockCampaign } from './campaign.store.ts'
import type { Campaign } from './campaign.ts'
import { type Marked, markRecipients, selectWaiting, type Waiting } from './recipient.store.ts'
import { render, wordsOf } from './tokens.ts'

const AT_ONCE = 1_000
/** Messages are made so long before they are needed. */
export const AHEAD_MS = 10 * 60_000

/** Makes the messages of up to `most` recipients who are next; their ids are the recipients', so that nobody can get two. Answers how many recipients it dealt with. */
export async function makeMessages(ctx: Context, campaign: Campaign, most: number): Promise<number> {
  const until = new Date(ctx.now().getTime() + AHEAD_MS)
  const waiting = await withTransaction(ctx, ({ db }) => selectWaiting(db, campaign, { until, limit: Math.min(most, AT_ONCE) }))
  if (waiting.length === 0) return 0
  const inputs = waiting.map((recipient) => inputFor(campaign, recipient, ctx.now()))
  const origins = waiting.map(({ id }) => ({ id, campaignId: campaign.id, queueId: campaign.queueId ?? 0 }))
  const prepared = await prepareMessages(ctx, inputs, { awaited: false, origins })
  const marked = waiting.map(({ id }, i): Marked => {
    const one = prepared[i]
    return one instanceof DomainError ? { id, state: 'skipped', code: one.code, reason: one.message } : { id, state: 'made' }
  })
  await withTransaction(ctx, async (inside) => {
    const now = await lockCampaign(inside.db, ctx.workspaceId, campaign.id)
    if (now?.state !== 'running') return
    const mine = await markRecipients(inside.db, campaign, marked)
    const made = prepared.flatMap((one) => (one instanceof DomainError || !mine.has(one.row.id) ? [] : [one.row]))
    await acceptWithin(inside, made)
  })
  return waiting.length
}

function inputFor(
  { channelId, content, settings, sendUntil, door }: Campaign,
  { address, variables, dueAt }: Waiting,
  now: Date,
): MessageInput {
  return {
    channelId,
    to: address,
    // a token without a word stays as it is: who must not be written to was left out before
    content: render(content, wordsOf(variables, {})) ?? content,
    sendAt: dueAt > now ? dueAt : undefined,
    expiresAt: sendUntil,
    category: settings.category,
    lane: 'campaign',
    onUnknown: 'fail',
    outsideWindow: 'refuse',
    origin: 'api',
    door,
    noChannel: 'hold',
    typingSeconds: 0,
    horizon: { minSeconds: 0, maxSeconds: 31_536_000 },
  }
}

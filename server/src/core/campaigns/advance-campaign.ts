import { cancelUnstarted } from '#core/messages'
import type { Context } from '#kit/context'
import type { Database } from '#kit/db'
import { withTransaction } from '#kit/operation'
import { findCampaign, lockCampaign, type StoredCampaign, updateCampaignRow } from './campaign.store.ts'
import type { Campaign } from './campaign.ts'
import { freezeRecipients } from './freeze-recipients.ts'
import { AHEAD_MS, makeMessages } from './make-messages.ts'
import { dropQueue, findUnstarted, openQueue, pauseQueue, readQueue } from './queue.store.ts'
import { endWaiting, nextWaiting } from './recipient.store.ts'
import { tellCampaign } from './tell-campaign.ts'

const AT_ONCE = 5_000
const CANCEL_AT_ONCE = 1_000
const AHEAD_LEAST = 1_000
const AHEAD_MOST = 100_000
const SOON_MS = 500
const LATE_MS = 30_000
/** How long one piece of work may take, and how long another node is left alone with it. */
const PIECE_MS = 3_000
const LOST_MS = 2_000

/** The owner's database: what ends messages of a whole queue is the engine's work. */
type Parts = { database: Database }

/** Does what a campaign needs now, a bounded piece of it; answers when to look again, undefined: somebody will say. Nothing is lost when it dies in the middle, nothing done twice when two do it at once. */
export async function advanceCampaign(ctx: Context, parts: Parts, campaignId: string): Promise<Date | undefined> {
  const campaign = await withTransaction(ctx, ({ db }) => findCampaign(db, ctx.workspaceId, campaignId))
  if (!campaign) return undefined
  switch (campaign.state) {
    case 'scheduled':
      await begin(ctx, campaign)
      return ctx.now()
    case 'running':
      if (campaign.frozenAt) return feed(ctx, campaign)
      return later(ctx, (await freezeRecipients(ctx, campaign, later(ctx, PIECE_MS))) ? 0 : LOST_MS)
    case 'cancelled':
    case 'failed':
      return clear(ctx, parts, campaign)
    case 'draft':
    case 'paused':
    case 'completed':
      return undefined
  }
}

const begin = (ctx: Context, { id }: Campaign): Promise<void> =>
  withTransaction(ctx, async (inside) => {
    const campaign = await lockCampaign(inside.db, ctx.workspaceId, id)
    if (campaign?.state !== 'scheduled') return
    const queueId = await openQueue(inside.db, campaign)
    await updateCampaignRow(inside.db, campaign, { state: 'running', queueId, startedAt: ctx.now() })
    tellCampaign(inside, 'campaign.started', campaign)
  })

/** Keeps the queue of a campaign as full as its channel needs, and ends the campaign when nothing is left. */
async function feed(ctx: Context, campaign: StoredCampaign): Promise<Date | undefined> {
  if (campaign.sendUntil && campaign.sendUntil < ctx.now()) await endRest(ctx, campaign)
  const { queued, rate } = await withTransaction(ctx, ({ db }) => readQueue(db, campaign, AHEAD_MOST))
  const wanted = Math.min(AHEAD_MOST, Math.max(AHEAD_LEAST, Math.round((rate * AHEAD_MS) / 1_000)))
  if (queued < wanted / 2 && (await makeSome(ctx, campaign, wanted - queued)) > 0) return ctx.now()
  const next = await withTransaction(ctx, ({ db }) => nextWaiting(db, campaign))
  if (queued === 0 && next === undefined) return (await complete(ctx, campaign)) ? undefined : later(ctx, SOON_MS)
  if (queued === 0 && next) return new Date(Math.max(next.getTime() - AHEAD_MS, ctx.now().getTime() + SOON_MS))
  return later(ctx, Math.min(LATE_MS, Math.max(SOON_MS, (queued / rate) * 500)))
}

async function makeSome(ctx: Context, campaign: Campaign, most: number): Promise<number> {
  const end = later(ctx, PIECE_MS)
  let made = 0
  while (made < most && ctx.now() < end) {
    const more = await makeMessages(ctx, campaign, most - made)
    if (more === 0) break
    made += more
  }
  return made
}

const later = (ctx: Context, ms: number): Date => new Date(ctx.now().getTime() + ms)

/** Its time is over: whoever has no message gets none. */
async function endRest(ctx: Context, campaign: Campaign): Promise<void> {
  const why = {
    state: 'skipped',
    code: 'campaign_ended',
    reason: 'The campaign ended before this person was written to',
    most: AT_ONCE,
  } as const
  while ((await withTransaction(ctx, ({ db }) => endWaiting(db, campaign, why))) === AT_ONCE);
}

/** Completed is what the rows say: nobody waits, and every message has left or ended. */
const complete = (ctx: Context, { id }: Campaign): Promise<boolean> =>
  withTransaction(ctx, async (inside) => {
    const campaign = await lockCampaign(inside.db, ctx.workspaceId, id)
    if (campaign?.state !== 'running') return true
    const isBusy = (await nextWaiting(inside.db, campaign)) !== undefined || (await readQueue(inside.db, campaign, 1)).queued > 0
    if (isBusy) return false
    await updateCampaignRow(inside.db, campaign, { state: 'completed', endedAt: ctx.now() })
    await dropQueue(inside.db, campaign)
    tellCampaign(inside, 'campaign.completed', campaign)
    return true
  })

/** After the end by somebody's word: takes back what has not started, and waits for what has. */
async function clear(ctx: Context, { database }: Parts, campaign: Campaign): Promise<Date | undefined> {
  const why = {
    state: 'cancelled',
    code: 'campaign_cancelled',
    reason: 'The campaign was ended before this person was written to',
    most: AT_ONCE,
  } as const
  if ((await withTransaction(ctx, ({ db }) => endWaiting(db, campaign, why))) === AT_ONCE) return ctx.now()
  if (campaign.queueId === undefined) return undefined
  const unstarted = await withTransaction(ctx, ({ db }) => findUnstarted(db, campaign, CANCEL_AT_ONCE))
  await cancelUnstarted({ database, events: ctx.ports.events, now: ctx.now }, unstarted)
  if (unstarted.length > 0) return ctx.now()
  return withTransaction(ctx, async ({ db }) => {
    // what is on its way must be heard of, also when the campaign was paused before
    await pauseQueue(db, campaign, false)
    if ((await readQueue(db, campaign, 1)).queued > 0) return later(ctx, SOON_MS * 4)
    await dropQueue(db, campaign)
    return undefined
  })
}

import type { ReadyQueue, Share, Spent } from './claim.store.ts'

/** Free places on the wire: of one channel in this process, and of the whole process. */
export type Slots = { of(channelId: string, rate: number): number; total: number; limited: readonly string[] }

/** Campaigns keep at least this share of a channel, whatever its transactional traffic. */
const CAMPAIGN_SHARE = 0.1
const CAMPAIGN_LANE = 2

/** One channel's part of a claim: what each of its queues may take first, and who may have what then is left of its allowance. */
export type ChannelShare = {
  channelId: string
  queues: readonly ReadyQueue[]
  allowance: number
  first: Share[]
  upper: readonly ReadyQueue[]
  lower: readonly ReadyQueue[]
}

/** How many messages each queue may take now: at first the channels evenly, and each its transactional ones; a second round shares what they left. */
export function shareTokens(ready: readonly ReadyQueue[], slots: Slots, random: () => number = Math.random): ChannelShare[] {
  const channels = Map.groupBy(ready, (queue) => queue.channelId)
  // a channel with much to send leaves room for the others that are ready with it
  const most = channels.size > 1 ? Math.ceil(slots.total / 4) : slots.total
  const even = Math.max(1, Math.floor(slots.total / channels.size))
  return [...channels].flatMap(([channelId, queues]) => {
    const [bucket] = queues
    if (!bucket) return []
    const allowance = Math.max(
      0,
      Math.min(Math.floor(bucket.tokens), slots.of(channelId, bucket.rate), bucket.dailyLeft ?? Number.MAX_SAFE_INTEGER, most),
    )
    return [{ channelId, queues, allowance, ...divide(queues, Math.min(allowance, even), random) }]
  })
}

function divide(queues: readonly ReadyQueue[], allowance: number, random: () => number): Pick<ChannelShare, 'first' | 'upper' | 'lower'> {
  const top = Math.min(...queues.map(({ lane }) => lane))
  const upper = queues.filter(({ lane }) => lane === top)
  const lower = queues.filter(({ lane }) => lane !== top)
  const campaigns = lower.filter(({ lane }) => lane === CAMPAIGN_LANE)
  const kept = campaigns.length === 0 ? 0 : Math.min(allowance, wholePart(allowance * CAMPAIGN_SHARE, random))
  return { first: [...evenly(upper, allowance - kept, random), ...evenly(campaigns, kept, random)], upper, lower }
}

/** The second round of a channel that took so many in the first: more of the same when it took all it could, else the lower lanes. */
export function shareRest({ allowance, first, upper, lower }: ChannelShare, taken: number): Share[] {
  const asked = first.reduce((sum, { most }) => sum + most, 0)
  return evenly(taken < asked ? lower : upper, allowance - taken)
}

/** A fraction of a message is a chance of one. */
const wholePart = (amount: number, random: () => number) => Math.floor(amount) + (random() < amount % 1 ? 1 : 0)

/** Round-robin over queues of one rank: nobody is left out for long, since who gets the odd one is drawn. */
function evenly(queues: readonly ReadyQueue[], amount: number, random: () => number = Math.random): Share[] {
  if (queues.length === 0 || amount <= 0) return []
  const each = Math.floor(amount / queues.length)
  const odd = amount - each * queues.length
  const offset = Math.floor(random() * queues.length)
  return queues
    .map(({ queueId, channelId }, i) => ({ queueId, channelId, most: each + ((i + offset) % queues.length < odd ? 1 : 0) }))
    .filter(({ most }) => most > 0)
}

const GROWTH = 0.05
const GROW_EVERY_MS = 10_000

/**
 * The bucket after a claim: tokens spent, and a cut rate grown back a step when it was quiet for 10 s. With jitter each next token is put off by a share
 * of its gap, drawn anew and taken back from the one after: gaps differ by up to that share either way, and the pace on the whole is kept.
 */
export function spend(bucket: ReadyQueue, count: number, now: Date, random: () => number = Math.random): Spent {
  const since = Math.max(bucket.cutAt?.getTime() ?? 0, bucket.grownAt?.getTime() ?? 0)
  const grows = bucket.rate < bucket.ceiling && now.getTime() - since >= GROW_EVERY_MS
  const rate = grows ? Math.min(bucket.ceiling, bucket.rate + bucket.ceiling * GROWTH) : bucket.rate
  const shift = count > 0 ? bucket.jitter * random() : bucket.shift
  const tokens = bucket.tokens - count + bucket.shift - shift
  return { channelId: bucket.channelId, rate, tokens, shift, count, grownAt: grows ? now : bucket.grownAt }
}

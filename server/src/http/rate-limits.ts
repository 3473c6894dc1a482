import type { Db } from '#kit/db'
import { DomainError } from '#kit/errors'
import { takeSlice } from './rate-limits.store.ts'

/** Where a subject stands in the running minute. */
export type Standing = { limit: number; remaining: number; resetSeconds: number }

export interface RateLimits {
  /** Counts one request. Throws `rate_limited` with facts.retryAfter in whole seconds. */
  take(subject: string, perMinute: number): Promise<Standing>
}

/** What this node holds of the minute that all nodes share. */
/** `fullAt`: the limit that was used up; under a wider one, of a plan that was changed meanwhile, there is more. */
type Share = { endsAt: number; mine: number; used: number; fullAt: number; asking: Promise<void> | undefined }

const MINUTE_MS = 60_000
const SUBJECTS_MOST = 50_000
/** A slice serves at least so long, should our clock be ahead of the database's. */
const SKEW_MS = 50

/** Nodes take a second's worth of the shared minute at a time, so that no request is written down by itself. */
export function openRateLimits({ db, now }: { db: Db; now(): Date }): RateLimits {
  const shares = new Map<string, Share>()

  const shareOf = (subject: string, at: number): Share => {
    const known = shares.get(subject)
    if (known && (known.endsAt > at || known.asking)) return known
    const fresh: Share = { endsAt: 0, mine: 0, used: 0, fullAt: 0, asking: undefined }
    if (!known && shares.size >= SUBJECTS_MOST) forgetOldest(shares)
    shares.set(subject, fresh)
    return fresh
  }

  const ask = async (share: Share, subject: string, limit: number): Promise<void> => {
    const amount = Math.max(1, Math.ceil(limit / 60))
    const { startedAt, used } = await takeSlice(db, subject, amount)
    const before = used - amount
    share.endsAt = Math.max(startedAt.getTime() + MINUTE_MS, now().getTime() + SKEW_MS)
    share.mine += Math.max(0, Math.min(amount, limit - before))
    share.used = Math.min(used, limit)
    share.fullAt = used >= limit ? limit : 0
  }

  return {
    async take(subject, limit) {
      for (;;) {
        const at = now().getTime()
        const share = shareOf(subject, at)
        if (share.mine > 0 && share.endsAt > at) {
          share.mine--
          return standing(share, limit, at)
        }
        if (share.fullAt >= limit && share.endsAt > at) throw limited(standing(share, limit, at))
        share.asking ??= ask(share, subject, limit).finally(() => {
          share.asking = undefined
        })
        await share.asking
      }
    },
  }
}

const standing = (share: Share, limit: number, at: number): Standing => ({
  limit,
  remaining: Math.max(0, limit - share.used + share.mine),
  resetSeconds: Math.max(1, Math.ceil((share.endsAt - at) / 1000)),
})

const limited = (at: Standing) =>
  new DomainError('rate_limited', `More than ${at.limit} requests in a minute; try again in ${at.resetSeconds} s`, {
    facts: { retryAfter: at.resetSeconds, limit: at.limit, remaining: 0, reset: at.resetSeconds },
  })

function forgetOldest(shares: Map<string, Share>): void {
  const oldest = shares.keys().next()
  if (!oldest.done) shares.delete(oldest.value)
}

import { putBounded } from './bounded-map.ts'

/** Meta's limit for one number writing to one person: 45 at once, one more every 6 s. */
const PAIR = { capacity: 45, everyMs: 6000 }
const PAIRS_MOST = 200_000

type Bucket = { tokens: number; at: number }

function take(bucket: Bucket, { now, perMs, capacity }: { now: number; perMs: number; capacity: number }): boolean {
  bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.at) * perMs)
  bucket.at = now
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

export interface Limits {
  /** Whether this number may write to this person now; counts the message. */
  pair(business: string, phone: string): boolean
  /** Whether this number is within its messages per second; counts the message. */
  throughput(business: string, perSecond: number): boolean
}

export function createLimits(now: () => number): Limits {
  const pairs = new Map<string, Bucket>()
  const numbers = new Map<string, Bucket>()
  return {
    pair(business, phone) {
      const key = `${business} ${phone}`
      const bucket = pairs.get(key) ?? { tokens: PAIR.capacity, at: now() }
      putBounded(pairs, { key, value: bucket }, PAIRS_MOST)
      return take(bucket, { now: now(), perMs: 1 / PAIR.everyMs, capacity: PAIR.capacity })
    },
    throughput(business, perSecond) {
      const bucket = numbers.get(business) ?? { tokens: perSecond, at: now() }
      numbers.set(business, bucket)
      return take(bucket, { now: now(), perMs: perSecond / 1000, capacity: perSecond })
    },
  }
}

import { Pool } from 'undici'
import { hmacSha256 } from '#kit/crypto'
import type { SimulatedTime } from '../time.ts'
import { createTimerWheel, type TimerWheel } from '../timer-wheel.ts'
import { createFifo, type Fifo } from './fifo.ts'
import { type Change, envelope, escaped } from './webhooks.wire.ts'

export type WebhookOptions = {
  /** Changes in one POST at most. */
  batch?: number
  /** How long a POST waits to become full. */
  lingerMs?: number
  /** POSTs at one time to one address. */
  connections?: number
  /** Changes that wait for one address; more are lost, and counted. */
  mostQueued?: number
  timeoutMs?: number
  /** After anything but a 200: again after `firstMs`, then `factor` times as long, up to `mostMs`; `attempts` in all. */
  retry?: { firstMs: number; factor: number; mostMs: number; attempts: number }
}
export type WebhookStats = { posts: number; delivered: number; failedPosts: number; retries: number; lost: number; waiting: number }

type Target = { url: string; secret: string }
type Post = { changes: Change[]; attempt: number }
type Lane = Target & {
  pool: Pool
  path: string
  pending: Change[]
  ready: Fifo<Post>
  held: number
  inFlight: number
  isLingering: boolean
}

/** Posts signed webhooks, at least once and in no promised order, as Meta does. */
export interface WebhookSender {
  send(target: Target, change: Change): void
  stats(): WebhookStats
  /** Resolves when nothing waits but what a refusal sent back, or after 2 s. */
  quiet(): Promise<void>
  close(): Promise<void>
}

const LANES_MOST = 1000
const QUIET_MOST_MS = 2000

type Sender = {
  time: SimulatedTime
  wheel: TimerWheel
  lanes: Map<string, Lane>
  options: Required<WebhookOptions>
  counts: Omit<WebhookStats, 'waiting'>
  waiters: (() => void)[]
  isClosed: boolean
}

export function createWebhookSender(time: SimulatedTime, options: WebhookOptions = {}): WebhookSender {
  const defaults = {
    batch: 1,
    lingerMs: 0,
    connections: 32,
    mostQueued: 200_000,
    timeoutMs: 10_000,
    retry: { firstMs: 1000, factor: 2, mostMs: 60_000, attempts: 20 },
  }
  const sender: Sender = {
    time,
    wheel: createTimerWheel(time),
    lanes: new Map(),
    options: { ...defaults, ...options },
    counts: { posts: 0, delivered: 0, failedPosts: 0, retries: 0, lost: 0 },
    waiters: [],
    isClosed: false,
  }
  return {
    send: (target, change) => enqueue(sender, laneOf(sender, target), change),
    stats: () => ({ ...sender.counts, waiting: [...sender.lanes.values()].reduce((sum, { held }) => sum + held, 0) }),
    quiet: () => quiet(sender),
    async close() {
      sender.isClosed = true
      sender.wheel.close()
      await Promise.all([...sender.lanes.values()].map(({ pool }) => pool.destroy()))
    },
  }
}

function laneOf(sender: Sender, { url, secret }: Target): Lane {
  const key = `${url} ${secret}`
  const known = sender.lanes.get(key)
  if (known) return known
  if (sender.lanes.size >= LANES_MOST) throw new RangeError(`over ${LANES_MOST} webhook addresses`)
  const { origin, pathname, search } = new URL(url)
  const { connections, timeoutMs } = sender.options
  const pool = new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: 4000, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
  const lane: Lane = {
    url,
    secret,
    pool,
    path: pathname + search,
    pending: [],
    ready: createFifo(),
    held: 0,
    inFlight: 0,
    isLingering: false,
  }
  sender.lanes.set(key, lane)
  return lane
}

function enqueue(sender: Sender, lane: Lane, change: Change): void {
  const { batch, lingerMs, mostQueued } = sender.options
  if (lane.held >= mostQueued) {
    sender.counts.lost++
    return
  }
  lane.held++
  lane.pending.push(change)
  if (lane.pending.length >= batch) flush(sender, lane)
  else if (!lane.isLingering) linger(sender, lane, lingerMs)
}

function linger(sender: Sender, lane: Lane, ms: number): void {
  lane.isLingering = true
  sender.wheel.at(sender.time.now() + ms, () => {
    lane.isLingering = false
    flush(sender, lane)
  })
}

function flush(sender: Sender, lane: Lane): void {
  if (lane.pending.length > 0) lane.ready.push({ changes: lane.pending, attempt: 1 })
  lane.pending = []
  pump(sender, lane)
}

function pump(sender: Sender, lane: Lane): void {
  while (!sender.isClosed && lane.inFlight < sender.options.connections) {
    const post = lane.ready.take()
    if (!post) break
    lane.inFlight++
    attempt(sender, lane, post).then((done) => {
      lane.inFlight--
      if (done) lane.held -= post.changes.length
      else later(sender, lane, post)
      pump(sender, lane)
      if (sender.waiters.length > 0 && isQuiet(sender)) for (const go of sender.waiters.splice(0)) go()
    })
  }
}

/** Posts once; true when the answer was a 200. Never rejects. */
async function attempt(sender: Sender, lane: Lane, post: Post): Promise<boolean> {
  const bytes = Buffer.from(escaped(envelope(post.changes)), 'latin1')
  const signature = `sha256=${hmacSha256(lane.secret, bytes).toString('hex')}`
  const headers = { 'content-type': 'application/json', 'user-agent': 'facebookexternalua', 'x-hub-signature-256': signature }
  sender.counts.posts++
  try {
    const { statusCode, body } = await lane.pool.request({ path: lane.path, method: 'POST', headers, body: bytes })
    await body.dump()
    if (statusCode === 200) {
      sender.counts.delivered += post.changes.length
      return true
    }
  } catch {
    // a receiver that is away is the same as one that refuses: the retry below is all there is to do
  }
  sender.counts.failedPosts++
  return false
}

function later(sender: Sender, lane: Lane, post: Post): void {
  const { firstMs, factor, mostMs, attempts } = sender.options.retry
  if (sender.isClosed || post.attempt >= attempts) {
    sender.counts.lost += post.changes.length
    lane.held -= post.changes.length
    return
  }
  sender.counts.retries++
  const wait = Math.min(mostMs, firstMs * factor ** (post.attempt - 1))
  sender.wheel.at(sender.time.now() + wait, () => {
    lane.ready.push({ changes: post.changes, attempt: post.attempt + 1 })
    pump(sender, lane)
  })
}

const isQuiet = (sender: Sender) =>
  [...sender.lanes.values()].every(({ inFlight, pending, ready }) => inFlight === 0 && pending.length === 0 && ready.size() === 0)

function quiet(sender: Sender): Promise<void> {
  if (isQuiet(sender)) return Promise.resolve()
  return new Promise((resolve) => {
    const giveUp = sender.time.after(QUIET_MOST_MS, resolve)
    sender.waiters.push(() => {
      giveUp()
      resolve()
    })
  })
}

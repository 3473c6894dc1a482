import { setTimeout as sleep } from 'node:timers/promises'
import { fromTypeId } from '../../server/src/kit/ids.ts'
import type { World } from './world.ts'

/** What a customer knows of a message that was accepted. */
export type Posted = {
  id: string
  tag: string
  phone: string
  policy: 'retry' | 'fail'
  /** Its place among the posts to that phone. */
  place: number
}

/** A customer that posts until it is told yes, and phones that write back. */
export interface Driver {
  readonly posted: Posted[]
  readonly accepted: number
  /** Doors that wait for an outcome now. */
  readonly awaiting: number
  /** Requests on their way now. */
  readonly asking: number
  /** Requests that had to be made again. */
  readonly again: number
  /** Resolves when everything is accepted; rejects on an answer that no retry can mend. */
  done: Promise<void>
  /** Sends some of the finished requests once more: their answers must name the same messages. Answers what does not. */
  replay(count: number): Promise<string[]>
}

export type DriverOptions = {
  world: World
  url: string
  key: string
  channelId: string
  total: number
  /** So many may be posted by now. */
  allowed(): number
  /** Messages accepted and not yet at their phone, at most: kills must meet accepts as well as sends. */
  ahead: number
  random: () => number
} & Habits

export type Habits = {
  /** A phone gets so many, more or less. Many, and its pair limit would be what is tested (45 at once over a cloud channel, one in 6 s over an own number). */
  perPhone: number
  /** Of a message whose outcome nobody knows. */
  policies: readonly Posted['policy'][]
  /** What phones write, for each message that they get. */
  inboundShare: number
}

const WRITERS = 3
/** Customers that wait for each outcome before their next message. */
const WAITERS = 2
const BULK = { least: 20, most: 150 }
const TRIES_MS = 120_000
const REQUEST_MS = 30_000
const AWAIT_SHARE = 0.05

type Wanted = Omit<Posted, 'id'>
type Request = { path: string; body: string; key: string; wanted: Wanted[] }

export function drive(options: DriverOptions): Driver {
  const { world, total, random } = options
  const posted: Posted[] = []
  const finished: Request[] = []
  const ids = new Map<string, string>()
  const counts = { wanted: 0, awaiting: 0, asking: 0, again: 0 }
  const phones = Math.ceil(total / options.perPhone)
  const places = new Map<string, number>()

  const nextWanted = (writer: number): Wanted => {
    const number = counts.wanted++
    // each writer has phones of its own, so that the order of its posts is the order of theirs
    const phone = phoneOf(Math.floor(random() * Math.max(1, Math.floor(phones / (WRITERS + WAITERS)))) * (WRITERS + WAITERS) + writer)
    const place = places.get(phone) ?? 0
    places.set(phone, place + 1)
    return { tag: `m${number}`, phone, place, policy: options.policies[Math.floor(random() * options.policies.length)] ?? 'retry' }
  }
  const take = async (request: Request) => {
    const told = await post(options, request, counts)
    finished.push(request)
    request.wanted.forEach((wanted, i) => {
      const id = fromTypeId('msg', told[i] ?? '')
      if (id === undefined) throw new Error(`no message was answered for ${wanted.tag}`)
      ids.set(wanted.tag, id)
      posted.push({ ...wanted, id })
    })
  }
  /** How many may be posted now, as soon as that is one at least; 0 when all are. */
  const room = async (): Promise<number> => {
    for (; counts.wanted < total; await sleep(5)) {
      const left = Math.min(total, options.allowed()) - counts.wanted
      if (left > 0 && posted.length - world.arrivals.size <= options.ahead) return left
    }
    return 0
  }
  const write = async (writer: number) => {
    for (let left = await room(); left > 0; left = await room()) {
      const size = Math.min(left, BULK.least + Math.floor(random() * (BULK.most - BULK.least)))
      const wanted = Array.from({ length: size }, () => nextWanted(writer))
      const body = JSON.stringify({ messages: wanted.map(bodyOf(options)) })
      await take({ path: '/v2/messages/bulk', key: `bulk-${wanted[0]?.tag}`, body, wanted })
    }
  }
  const writeAndWait = async (writer: number) => {
    for (let made = 0; (await room()) > 0; ) {
      if (made > (posted.length * AWAIT_SHARE) / WAITERS) {
        await sleep(5)
        continue
      }
      made++
      const wanted = nextWanted(writer)
      const body = JSON.stringify({ ...bodyOf(options)(wanted), awaitMs: 8_000 })
      counts.awaiting++
      await take({ path: '/v2/messages', key: `one-${wanted.tag}`, body, wanted: [wanted] }).finally(() => counts.awaiting--)
    }
  }
  const chat = async () => {
    // phones write in step with what they get, so that the house is spoken to while it is dead as well
    while (world.arrivals.size < total * 0.8) {
      await sleep(5 + random() * 20)
      for (const most = world.arrivals.size * options.inboundShare; world.written.length < most; )
        world.write(phoneOf(Math.floor(random() * phones)))
    }
  }
  return {
    posted,
    get accepted() {
      return posted.length
    },
    get awaiting() {
      return counts.awaiting
    },
    get asking() {
      return counts.asking
    },
    get again() {
      return counts.again
    },
    done: Promise.all([
      ...Array.from({ length: WRITERS }, (_, i) => write(i)),
      ...Array.from({ length: WAITERS }, (_, i) => writeAndWait(WRITERS + i)),
      chat(),
    ]).then(() => undefined),
    async replay(count) {
      const wrong: string[] = []
      for (const request of finished.filter((_, i) => i % Math.max(1, Math.floor(finished.length / count)) === 0)) {
        const told = await post(options, request, counts)
        request.wanted.forEach(({ tag }, i) => {
          if (fromTypeId('msg', told[i] ?? '') !== ids.get(tag))
            wrong.push(`a replay of ${request.key} answered another message for ${tag}`)
        })
      }
      return wrong
    },
  }
}

const phoneOf = (number: number): string => `+1212555${String(1000 + number).padStart(4, '0')}`

const bodyOf =
  ({ channelId }: DriverOptions) =>
  ({ tag, phone, policy }: Wanted) => ({ channelId, to: phone, text: `words ${tag}`, tag, onUnknown: policy, outsideWindow: 'attempt' })

type BulkAnswer = { results: { status: string; message?: { id: string }; error?: unknown }[] }

/** The same request until somebody says yes; answers the ids in order. */
async function post(options: DriverOptions, { path, body, key }: Request, counts: { asking: number; again: number }): Promise<string[]> {
  for (const until = performance.now() + TRIES_MS; ; counts.again++) {
    counts.asking++
    const answer = await ask(options, path, { body, key }).finally(() => counts.asking--)
    if (answer?.status === 200 || answer?.status === 201) {
      if (path === '/v2/messages') return [(answer.body as { id: string }).id]
      const { results } = answer.body as BulkAnswer
      const refused = results.find(({ status }) => status !== 'accepted')
      if (refused) throw new Error(`a message of ${key} was refused: ${JSON.stringify(refused)}`)
      return results.map(({ message }) => message?.id ?? '')
    }
    const mayPass = !answer || answer.status >= 500 || answer.status === 429 || (answer.body as { code?: string }).code === 'in_progress'
    if (!mayPass || performance.now() > until) throw new Error(`${key} was not accepted: ${JSON.stringify(answer ?? 'no answer')}`)
    await sleep(50)
  }
}

async function ask({ url, key: secret }: DriverOptions, path: string, { body, key }: { body: string; key: string }) {
  try {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': key },
      body,
      signal: AbortSignal.timeout(REQUEST_MS),
    })
    return { status: answer.status, body: (await answer.json()) as unknown }
  } catch {
    return undefined // killed, not there yet, or cut off in the middle of its answer: all the same to a customer
  }
}

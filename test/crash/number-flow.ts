import { setTimeout as sleep } from 'node:timers/promises'
import { call } from './call.ts'
import { linkNumber } from './link-number.ts'
import { type NumberWorld, openNumberWorld } from './number-world.ts'
import { settled } from './scenario.ts'
import { openStage, type Stage } from './stage.ts'
import { until } from './until.ts'

export type FlowReport = {
  /** With the one to each of the people before the stream. */
  sent: number
  received: number
  /** Bubbles on phones, and those that came under a second wire id. */
  arrived: number
  twice: number
  unread: number
  /** Of the house's process, MB: after each second. */
  resident: number[]
  /** The middle of the last third, above that of the second. */
  growth: number
  /** Of the stream, from its first accept to its last arrival. */
  perSecond: number
}

const ARRIVE_MS = 240_000 // a bound, not a claim: seven houses share the machine in a test
/** The last digits under 10 mean something. */
const PHONE = 2_125_551_000

async function openNumberStage(environment: Record<string, string> = {}): Promise<{ stage: Stage; world: NumberWorld }> {
  const worlds: NumberWorld[] = []
  const stage = await openStage({
    random: Math.random,
    nodes: 1,
    rate: 1_000,
    environment,
    async openWorld(random) {
      const opened = await openNumberWorld(random, { delays: { sentMs: 0, deliveredMs: 20, readMs: 60 } })
      worlds.push(opened)
      return opened
    },
  })
  const [world] = worlds
  if (!world) throw new Error('there is no world')
  return { stage, world }
}

type FlowOptions = { seconds: number; perSecond: number }

/** V8 takes what it may before it collects: with a bound it shows what is alive. */
const BOUNDED = { NODE_OPTIONS: '--max-old-space-size=160' }

/** Somebody is written to again after so long: sooner a message would wait for the one before. */
const AGAIN_SECONDS = 7

/** A steady stream of messages over one number to people it knows, a tenth as much back, and the memory of the house meanwhile. */
export async function runFlow({ seconds, perSecond }: FlowOptions): Promise<FlowReport> {
  const { stage, world } = await openNumberStage(BOUNDED)
  const [house] = stage.houses
  const people = perSecond * AGAIN_SECONDS
  const write = (from: number, count: number) => {
    const messages = Array.from({ length: count }, (_, i) => messageTo(stage.channelId, from + i, people))
    return call(`${stage.url}/v2/messages/bulk`, stage.key, { messages })
  }
  const arrived = (count: number) => until(ARRIVE_MS, 'all arrived', () => world.arrivals.size >= count || String(world.arrivals.size), 10)
  try {
    await write(0, people)
    await arrived(people)
    await settled(stage)
    const sent = people + seconds * perSecond
    const resident: number[] = []
    const begun = performance.now()
    for (let second = 0; second < seconds; second++) {
      await write(people + second * perSecond, perSecond)
      for (let i = 0; i < perSecond / 10; i++) world.write(phoneOf((second * perSecond + i) % people))
      await sleep(Math.max(0, begun + (second + 1) * 1000 - performance.now()))
      resident.push(Math.round(house?.resident() ?? 0))
    }
    await arrived(sent)
    const took = (performance.now() - begun) / 1000
    await settled(stage)
    const [rows] = await stage.rows.ask<{ received: number; unread: number }>(
      `select count(*) filter (where direction = 'in')::integer as received, count(*) filter (where direction = 'out' and state <> 'read')::integer as unread from messages`,
    )
    const third = Math.floor(resident.length / 3)
    const arrivals = [...world.arrivals.values()]
    return {
      sent,
      received: rows?.received ?? 0,
      arrived: arrivals.length,
      twice: arrivals.filter(({ times }) => times > 1).length,
      unread: rows?.unread ?? sent,
      resident,
      growth: middle(resident.slice(2 * third)) - middle(resident.slice(third, 2 * third)),
      perSecond: Math.round((seconds * perSecond) / took),
    }
  } finally {
    await stage.clear()
  }
}

const phoneOf = (index: number): string => `+1${PHONE + index}`
const messageTo = (channelId: string, index: number, people = Number.POSITIVE_INFINITY) => ({
  channelId,
  to: phoneOf(index % people),
  text: `words ${index}`,
})

const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

export type CrowdReport = {
  sessions: number
  sent: number
  read: number
  received: number
  before: number
  linked: number
  resident: number
}

const LINKING_AT_ONCE = 4

/** Many numbers in one process: each is linked, sends and hears a little; then the process is weighed. */
export type CrowdOptions = { sessions: number; each: number; restMs: number }

export async function runCrowd({ sessions, each, restMs }: CrowdOptions): Promise<CrowdReport> {
  const { stage, world } = await openNumberStage()
  const [house] = stage.houses
  try {
    const resident = () => Math.round(house?.resident() ?? 0)
    const before = resident()
    const numbers = Array.from({ length: sessions - 1 }, (_, i) => `+5511400${20_100 + i}`)
    const channels = [{ id: stage.channelId, number: world.number }]
    const waiting = [...numbers]
    const link = async () => {
      for (let number = waiting.shift(); number; number = waiting.shift())
        channels.push({ id: await linkNumber({ ...stage, server: world.server, number, rate: 100 }), number })
    }
    await Promise.all(Array.from({ length: LINKING_AT_ONCE }, link))
    const linked = resident()
    const pairs = channels.flatMap((channel, i) => Array.from({ length: each }, (_, j) => ({ channel, index: i * each + j })))
    await call(`${stage.url}/v2/messages/bulk`, stage.key, { messages: pairs.map(({ channel, index }) => messageTo(channel.id, index)) })
    for (const { channel, index } of pairs)
      world.network.reply(phoneOf(index), channel.number, { content: { type: 'text', text: `inbound ${index}` } })
    const count = async () => {
      const [found] = await stage.rows.ask<{ read: number; received: number }>(
        `select count(*) filter (where state = 'read')::integer as read, count(*) filter (where direction = 'in')::integer as received from messages`,
      )
      return found ?? { read: 0, received: 0 }
    }
    await until(ARRIVE_MS, 'everything was read', async () => {
      const { read, received } = await count()
      return (read === pairs.length && received === pairs.length) || `${read} read, ${received} received`
    })
    await sleep(restMs)
    return { sessions: channels.length, sent: pairs.length, ...(await count()), before, linked, resident: resident() }
  } finally {
    await stage.clear()
  }
}

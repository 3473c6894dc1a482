import { setTimeout as sleep } from 'node:timers/promises'
import { readUnfinished, type Unfinished } from './books.ts'
import { type Driver, drive, type Habits } from './driver.ts'
import type { HouseProcess } from './harness.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'
import { until } from './until.ts'
import { judge } from './verdict.ts'
import type { World } from './world.ts'

export type ScenarioOptions = {
  /** Printed by whoever runs it; the same seed makes the same choices. */
  seed: number
  total: number
  kills: number
  nodes?: number
  /** What is killed: a house, the embedded database under it, or its line to the network. */
  victim?: 'house' | 'database' | 'line'
  /** The share of messages whose receipts never come. */
  withheld?: number
  /** Over an own number instead of a cloud channel. */
  openWorld?: StageOptions['openWorld']
  habits?: Partial<Habits>
  /** Waits before the next kill until everything that this one left in doubt is decided. */
  patient?: boolean
}

/** What a kill met: accepted and not sent, on the wire, webhooks untold, requests on their way, doors that waited. */
export type Kill = Unfinished & { arrived: number; asking: number; awaiting: number; downMs: number }

export type Report = {
  broken: string[]
  kills: Kill[]
  messages: number
  inbound: number
  events: number
  requestsAgain: number
  /** Messages that reached a phone more than once, and how often too much in all. */
  twice: number
  surplus: number
  /** Sends repeated, as the events tell and as the metric of all lives says. */
  again: number
  againMetric: number
  unknown: number
  exits: (number | null)[]
  seconds: number
}

const RATE = 3_000
const HABITS: Habits = { perPhone: 12, policies: ['retry', 'fail'], inboundShare: 0.1 }
const ARRIVE_MS = 180_000
const SETTLE_MS = 180_000
const DOWN_MOST_MS = 1_500
const CHATTERS = 12

/** A small and fast generator, seeded (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Drives messages through houses that are killed again and again, then checks every law. */
export async function runScenario(options: ScenarioOptions): Promise<Report> {
  const random = seeded(options.seed)
  const begun = performance.now()
  const stage = await openStage({ random, nodes: options.nodes ?? 1, rate: RATE, openWorld: options.openWorld })
  try {
    const { world, rows, url, key, channelId, since } = stage
    if (options.withheld) world.network.faults.set({ kind: 'withhold', probability: options.withheld })
    const kills: Kill[] = []
    const state = { cycles: 0 }
    // the posts keep step with the kills, so that none comes too late to meet work
    const part = options.total / options.kills
    const allowed = () => Math.ceil((state.cycles + 1.5) * part)
    const pace = { allowed, ahead: Math.min(1_500, part * 0.6), total: options.total }
    const driver = drive({ world, key, channelId, random, url, ...pace, ...HABITS, ...options.habits })
    const failed = Promise.race([driver.done.then(() => new Promise<never>(() => undefined)), ...stage.houses.map(({ died }) => died)])
    const metric = await Promise.race([killAtRandom({ stage, driver, random, options, kills, state }), failed])
    await Promise.race([driver.done, failed])
    await Promise.race([settled(stage), failed])
    const { broken, books } = await judge({ ...{ world, driver, rows, url, key, since }, mayDouble: (options.withheld ?? 0) > 0 })
    const againMetric = metric + (await sumOfAgain(stage.houses))
    const exits = await stage.stop()
    const times = [...world.arrivals.values()].map((arrival) => arrival.times)
    return {
      broken,
      kills,
      messages: books.messages.length,
      inbound: books.inbound.length,
      events: books.events.length,
      requestsAgain: driver.again,
      twice: times.filter((count) => count > 1).length,
      surplus: times.reduce((sum, count) => sum + count - 1, 0),
      again: books.messages.reduce((sum, { again }) => sum + again, 0),
      againMetric,
      unknown: books.messages.filter(({ code }) => code === 'outcome_unknown').length,
      exits,
      seconds: Math.round((performance.now() - begun) / 1000),
    }
  } finally {
    await stage.clear()
  }
}

type Play = { stage: Stage; driver: Driver; random: () => number; options: ScenarioOptions; kills: Kill[]; state: { cycles: number } }

/** Answers how many repeats the metric had counted in the lives that were ended. */
async function killAtRandom({ stage, driver, random, options, kills, state }: Play): Promise<number> {
  const { world, houses, rows } = stage
  let metric = 0
  const part = options.total / options.kills
  for (; state.cycles < options.kills; state.cycles++) {
    const at = Math.floor(Math.max(part * (state.cycles + 0.1), world.arrivals.size) + part * 0.5 * random())
    await until(ARRIVE_MS, `${at} messages arrived`, () => world.arrivals.size >= at, 3)
    await chatter(world, random)
    const house = houses[Math.floor(random() * houses.length)]
    if (!house) throw new Error('there is no house')
    const { asking, awaiting } = driver
    const downMs = Math.round(random() * DOWN_MOST_MS)
    if (options.victim === 'database' || options.victim === 'line') {
      kills.push({ ...(await readUnfinished(rows)), arrived: world.arrivals.size, asking, awaiting, downMs: 0 })
      if (options.victim === 'line') world.cutLines?.()
      else killDatabase(house)
      continue
    }
    metric += await sumOfAgain([house])
    await house.kill()
    kills.push({ ...(await readUnfinished(rows)), arrived: world.arrivals.size, asking, awaiting, downMs })
    await sleep(downMs)
    await house.start()
    if (options.patient) await decided(stage)
  }
  return metric
}

function killDatabase(house: HouseProcess): void {
  const pid = house.databasePid()
  if (!pid) throw new Error('the database does not run')
  process.kill(pid, 'SIGKILL')
}

const sumOfAgain = async (houses: readonly HouseProcess[]): Promise<number> => {
  const metrics = await Promise.all(houses.map((house) => house.metrics()))
  return metrics.reduce((sum, one) => sum + (one.get('chasqui_messages_sent_again_total') ?? 0), 0)
}

/** Phones write until a random moment, so that a kill meets bodies between their coming and their answer. */
async function chatter(world: World, random: () => number): Promise<void> {
  const phones = [...world.arrivals.values()].slice(-CHATTERS).map(({ phone }) => phone)
  for (const end = performance.now() + 25 + random() * 40; performance.now() < end; await sleep(1)) {
    for (const phone of phones) if (random() < 0.2) world.write(phone)
  }
}

/** What was on its way at this moment has come to an end. */
async function decided({ rows }: Stage): Promise<void> {
  const [now] = await rows.ask<{ at: Date }>('select chasqui_now() as at')
  const left = () => rows.ask(`select 1 from messages where state = 'sending' and sending_at < $1 limit 1`, [now?.at])
  await until(SETTLE_MS, 'the messages in doubt were decided', async () => (await left()).length === 0)
}

/** Nothing is under way any more, nowhere. */
export async function settled({ world, rows }: Pick<Stage, 'world' | 'rows'>, mostMs = SETTLE_MS): Promise<void> {
  await until(mostMs, 'everything was settled', async () => {
    const { waiting } = world
    if (waiting > 0 || world.network.stats().onTheWay > 0) return `${waiting} words of the network wait`
    const unfinished = await readUnfinished(rows).catch(() => undefined)
    return (unfinished !== undefined && Object.values(unfinished).every((count) => count === 0)) || JSON.stringify(unfinished)
  })
}

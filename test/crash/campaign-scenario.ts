import { setTimeout as sleep } from 'node:timers/promises'
import { type CampaignCustomer, makeAudience } from './campaign-customer.ts'
import { type CampaignKill, killFreezing, killNode, rest } from './campaign-kills.ts'
import { type CampaignBooks, judgeCampaign } from './campaign-verdict.ts'
import type { HouseProcess } from './harness.ts'
import { seeded, settled } from './scenario.ts'
import { openStage, type Stage } from './stage.ts'
import { until } from './until.ts'

export type CampaignOptions = {
  seed: number
  recipients: number
  /** The first one while recipients are frozen, the others while messages are made and sent; of three or more the last one in a pause. */
  kills: number
  /** Messages a second of the channel. */
  rate: number
  /** Two on one database: the one that freezes is killed once and never comes back. */
  nodes?: 1 | 2
  /** Is it watched by the guard that every campaign has by default? */
  guarded?: boolean
  /** Cancelled after the last kill, with one more kill right after the answer. */
  cancelled?: boolean
}

export type CampaignReport = CampaignBooks & {
  broken: string[]
  kills: CampaignKill[]
  pauses: number
  /** From the kill in the middle of freezing to the first recipient frozen after it. */
  takenOverMs: number
  exits: (number | null)[]
  seconds: number
}

const ARRIVE_MS = 240_000
/** Longer than the engine sleeps when nobody wakes it. */
const PAUSED_MS = 1_200
const SETTLE_MS = 120_000
/** For the seven events of a recipient, on a machine that is busy. */
const TELL_MS = 10
const NO_MAGIC = 10

/** Phones without habits of their own. */
const phoneOf = (number: number): string => `+1212${2_000_000 + Math.floor(number / 9_000) * 10_000 + NO_MAGIC + (number % 9_000)}`

type Play = {
  stage: Stage
  customer: CampaignCustomer
  options: CampaignOptions
  random: () => number
  kills: CampaignKill[]
  broken: string[]
  pauses: number
  cancelledAt?: number
}

/** One campaign through houses that are killed, pauses between, then every law. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const random = seeded(options.seed)
  const begun = performance.now()
  const stage = await openStage({ random, nodes: options.nodes ?? 1, rate: options.rate })
  try {
    const died = Promise.race(stage.houses.map((house) => house.died))
    const phones = Array.from({ length: options.recipients }, (_, i) => phoneOf(i))
    const audienceId = await makeAudience(stage, phones)
    const frozen = await killFreezing(stage, { audienceId, options, random })
    const play: Play = { stage, options, random, customer: frozen.customer, kills: [frozen.kill], broken: [], pauses: 0 }
    await Promise.race([perform(play), died])
    const wanted = options.cancelled ? 'cancelled' : 'completed'
    await Promise.race([until(ARRIVE_MS, `the campaign is ${wanted}`, async () => (await play.customer.look()).state === wanted), died])
    await Promise.race([settled(stage, SETTLE_MS + options.recipients * TELL_MS), died])
    if (play.cancelledAt) play.broken.push(...(await startedSince(play, play.cancelledAt)).map((what) => `${what} the cancel`))
    const { broken, books } = await judgeCampaign({ ...stage, customer: play.customer, phones, isCancelled: options.cancelled ?? false })
    const exits = await stage.stop()
    return {
      ...books,
      broken: [...play.broken, ...broken],
      kills: play.kills,
      pauses: play.pauses,
      takenOverMs: frozen.takenOverMs,
      exits: options.nodes === 2 ? exits.filter((_, node) => node !== frozen.node) : exits,
      seconds: Math.round((performance.now() - begun) / 1000),
    }
  } finally {
    await stage.clear()
  }
}

/** Pauses and kills in turn, each at a random moment of its part of the sending. */
async function perform(play: Play): Promise<void> {
  const { options, random } = play
  const [house] = play.stage.houses
  const part = options.recipients / options.kills
  for (let turn = 1; turn < options.kills; turn++) {
    await sent(play, part * (turn - 0.8 + 0.2 * random()))
    await pause(play)
    await sent(play, part * (turn - 0.5 + 0.3 * random()))
    if (turn > 1 && turn === options.kills - 1) await pause(play, house)
    else await strike(play, house, 'sending')
  }
  if (options.cancelled) await sent(play, options.recipients * 0.65)
  else if (options.nodes !== 2) await sent(play, options.recipients * (1 - 0.4 / options.kills))
  if (!options.cancelled) return pause(play)
  play.cancelledAt = await play.customer.cancel()
  await strike(play, house, 'cancel')
}

const sent = ({ stage: { world } }: Play, count: number): Promise<void> =>
  until(ARRIVE_MS, `${count} messages arrived`, () => world.arrivals.size >= Math.floor(count), 3)

async function strike(play: Play, house: HouseProcess | undefined, during: CampaignKill['during']): Promise<void> {
  play.kills.push(await killNode(play, house, during))
  await rest(play.random, house)
}

/** Pauses, is killed there or not, and goes on: what started after the answer, or arrived without having started, breaks a law. */
async function pause(play: Play, house?: HouseProcess): Promise<void> {
  const pausedAt = await play.customer.pause()
  if (house) await strike(play, house, 'pause')
  await sleep(PAUSED_MS)
  play.broken.push(...(await startedSince(play, pausedAt)).map((what) => `${what} the pause`))
  play.pauses++
  await play.customer.resume()
}

/** A start reads the pause and looks at the clock a moment later: one that was begun before the answer may say so. */
const MOMENT_MS = 100

async function startedSince({ stage: { rows, world }, customer }: Play, at: number): Promise<string[]> {
  const arrived = [...world.arrivals.keys()]
  const started = await rows.ask<{ id: string; late: boolean }>(
    `select id, sending_at > to_timestamp($2::float8 / 1000) as late from messages where campaign_id = $1 and attempt > 0`,
    [customer.campaignId, at + MOMENT_MS],
  )
  const ids = new Set(started.map(({ id }) => id))
  return [
    ...started.filter(({ late }) => late).map(({ id }) => `${id} started after`),
    ...arrived.filter((id) => !ids.has(id)).map((id) => `${id} arrived and had not started before`),
  ].slice(0, 10)
}

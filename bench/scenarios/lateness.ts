import type { Arrival } from '../children/emulator.ts'
import { median, percentile, rotated, show, showRounds } from '../figures.ts'
import { acceptBulk, mustBe, until } from '../messages.ts'
import { PEERS, type PeerName } from '../peers/kinds.ts'
import { ensureRedis } from '../peers/redis.ts'
import { atMost, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'
import { type Channel, openWorld, type World } from '../world.ts'
import { withPeer } from './peers.ts'

const RATES = [20, 100] as const
type Rate = (typeof RATES)[number]
type Name = 'ours' | PeerName
/** Loops that ask the database a hundred times a second and more, work or none: shown, but nobody runs a queue like this. */
const BUSY: ReadonlySet<Name> = new Set(['graphileFastest', 'bossQuick'])
type Late = { p50: number; p99: number }

const LEAD_MS = 1_500
const ARRIVE_MOST_MS = 30_000

type Run = { rate: Rate; seconds: number }

/** How long after its time a message is at the network: seen at the emulator, by the clock of this one machine. */
export async function lateness({ rounds, quick }: Scale): Promise<Findings> {
  const seconds = quick ? 2 : 4
  const world = await openWorld()
  const peers: PeerName[] = ['graphileFastest', 'graphileQuick', 'bossQuick', ...(ensureRedis() ? (['bullEverysec'] as const) : [])]
  const found = new Map<string, Late[]>()
  const keep = (name: Name, rate: Rate, late: Late) => {
    found.set(`${name} ${rate}`, [...(found.get(`${name} ${rate}`) ?? []), late])
    console.log(`lateness ${name} at ${rate}/s: p50 ${show(late.p50)} p99 ${show(late.p99)} ms`)
  }
  try {
    const channel = await world.channel({ told: false, rate: 1_000 })
    await acceptBulk(world, channel, { count: 2_000 }) // warm
    await until('the warm-up', async () => (await world.facts()).distinct >= 2_000, ARRIVE_MOST_MS)
    for (let round = 0; round < rounds; round++) {
      for (const name of rotated<Name>(['ours', ...peers], round)) {
        if (name === 'ours') for (const rate of RATES) keep(name, rate, await runOurs(world, channel, { rate, seconds }))
        else
          await runPeer(world, name, async (run) => {
            for (const rate of RATES) keep(name, rate, await run({ rate, seconds }))
          })
      }
    }
    return report(found, peers)
  } finally {
    await world.close()
  }
}

/** Due times one after the other, `rate` a second. */
const dueTimes = ({ rate, seconds }: Run): number[] => {
  const first = Date.now() + LEAD_MS
  return Array.from({ length: rate * seconds }, (_, i) => first + Math.round((i * 1000) / rate))
}

async function arrivalsOf(world: World, count: number): Promise<Arrival[]> {
  let arrivals: Arrival[] = []
  const seen = async () => {
    arrivals = (await world.emulator.ask<Arrival[]>('arrivals')).filter(([callbackData]) => !callbackData.startsWith('warm'))
    return arrivals.length >= count
  }
  await until('arrivals', seen, ARRIVE_MOST_MS)
  mustBe('arrivals', arrivals.length, count)
  return arrivals
}

const lateOf = (waits: readonly number[]): Late => {
  if (Math.min(...waits) < -1) throw new Error(`a message came ${-Math.min(...waits)} ms before its time`)
  return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) }
}

async function runOurs(world: World, channel: Channel, run: Run): Promise<Late> {
  const dues = dueTimes(run)
  await world.emulator.ask('watch', true)
  await acceptBulk(world, channel, { count: dues.length, sendAt: (index) => new Date(dues[index] ?? 0) })
  const arrivals = await arrivalsOf(world, dues.length)
  const { rows } = await world.house.db.query<{ id: string; due: string }>(
    'select id, extract(epoch from send_at) * 1000 as due from messages where channel_id = $1 and send_at >= to_timestamp($2::float8 / 1000)',
    [channel.uuid, (dues[0] ?? 0) - 1],
  )
  const dueOf = new Map(rows.map(({ id, due }) => [id, Number(due)]))
  mustBe('rows with these times', dueOf.size, dues.length)
  return lateOf(arrivals.map(([callbackData, at]) => at - (dueOf.get(callbackData.split(':')[1] ?? '') ?? Number.NaN)))
}

async function runPeer(world: World, name: PeerName, work: (run: (asked: Run) => Promise<Late>) => Promise<void>): Promise<void> {
  await withPeer(world, name, async (worker) => {
    await worker.ask('start')
    await work(async (asked) => {
      const dues = dueTimes(asked)
      await world.emulator.ask('watch', true)
      await worker.ask(
        'add',
        dues.map((dueAt, i) => ({ callbackData: `due-${dueAt}-${i}`, dueAt })),
      )
      const arrivals = await arrivalsOf(world, dues.length)
      return lateOf(arrivals.map(([callbackData, at]) => at - Number(callbackData.split('-')[1])))
    })
  })
}

function report(found: ReadonlyMap<string, Late[]>, peers: readonly PeerName[]): Findings {
  const rounds = (name: Name, rate: Rate, pick: (late: Late) => number) => (found.get(`${name} ${rate}`) ?? []).map(pick)
  const p99 = (name: Name, rate: Rate) => median(rounds(name, rate, (late) => late.p99))
  const rows = (['ours', ...peers] as const).map((name) => [
    name === 'ours' ? '**this house**' : `${PEERS[name].title}${BUSY.has(name) ? ' (a busy loop)' : ''}`,
    ...RATES.flatMap((rate) => [show(median(rounds(name, rate, (late) => late.p50))), showRounds(rounds(name, rate, (late) => late.p99))]),
  ])
  const best = Math.min(...peers.filter((name) => !BUSY.has(name)).map((name) => p99(name, 100)))
  return {
    title: 'Lateness',
    text: [
      'Milliseconds from the time a message is due to its arrival at the emulator, all accepted in advance. Never earlier: that is checked. This house sleeps until the next message is due; two of the others are made to ask the database 100 and 200 times a second, which no manual proposes: they are shown as what polling can reach, and left out of the gate.',
    ],
    tables: [{ columns: ['queue', '20/s: p50', '20/s: p99', '100/s: p50', '100/s: p99'], rows }],
    gates: [
      atMost('p99 at 100/s, ms', p99('ours', 100), 25),
      atMost('p99 at 100/s, against the best of the others that are no busy loop', p99('ours', 100) / best, 0.5, (value) =>
        value.toFixed(2),
      ),
    ],
  }
}

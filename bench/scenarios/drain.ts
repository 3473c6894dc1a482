import { startHelper } from '../calls.ts'
import { cpuOf, meterCpu } from '../cpu.ts'
import { median, ratios, rotated, show, showRounds } from '../figures.ts'
import { CORES } from '../machine.ts'
import { atLeast, type Findings, type Gate, type Table } from '../report.ts'
import type { Scale } from '../run.ts'
import { openWorld } from '../world.ts'
import { type Drained, drainOnce } from './drain-once.ts'

const VARIANTS = {
  plain: { title: '3 statuses', endpoint: false, latencyMs: 0 },
  endpoint: { title: '3 statuses, one webhook endpoint on everything', endpoint: true, latencyMs: 0 },
  far: { title: '3 statuses, emulator answers after 100 ms', endpoint: false, latencyMs: 100 },
  farEndpoint: { title: 'both', endpoint: true, latencyMs: 100 },
} as const
type Variant = keyof typeof VARIANTS
const NAMES = Object.keys(VARIANTS) as Variant[] // the keys of the object above

const ALONE_CONNECTIONS = 64

type Rounds = { alone: Alone[] } & Record<Variant, Drained[]>
type Alone = { rate: number; client: number; emulator: number }

/** The whole path: accepted before the clock starts, then claimed, started, sent over HTTP, answered, three receipts each taken in. */
export async function drain({ rounds, quick }: Scale): Promise<Findings> {
  const count = quick ? 3_000 : 20_000
  const world = await openWorld()
  const client = startHelper('./children/http-client.ts')
  const found: Rounds = { alone: [], plain: [], endpoint: [], far: [], farEndpoint: [] }
  try {
    const channel = await world.channel({ told: true, rate: 100_000 })
    const setting = { world, channel, count }
    await drainOnce(setting, VARIANTS.plain) // warm: people, plans, code
    for (let round = 0; round < rounds; round++) {
      for (const name of rotated(['alone', ...NAMES] as const, round)) {
        if (name === 'alone') found.alone.push(await measureAlone(world, client, count))
        else found[name].push(await drainOnce(setting, VARIANTS[name]))
        console.log(`drain ${round + 1}/${rounds} ${name}: ${show(found[name].at(-1)?.rate ?? 0)}/s`)
      }
    }
    const snapshot = await withOpenSnapshot(world, () => drainOnce(setting, VARIANTS.plain))
    return report(found, snapshot, count)
  } finally {
    await client.stop()
    await world.close()
  }
}

type World = Awaited<ReturnType<typeof openWorld>>

async function measureAlone(world: World, client: ReturnType<typeof startHelper>, count: number): Promise<Alone> {
  await world.emulator.ask('latency', 0)
  const before = await world.facts()
  const read = meterCpu({ client: () => cpuOf(client.pid), emulator: () => cpuOf(world.emulator.pid) })
  const seconds = await client.ask<number>('run', { target: world.silent, count, connections: ALONE_CONNECTIONS })
  const cpu = read()
  const { requests } = await world.facts()
  if (requests - before.requests < count) throw new Error(`the emulator saw ${requests - before.requests} of ${count} requests`)
  return { rate: count / seconds, client: ((cpu.client ?? 0) / count) * 1e6, emulator: ((cpu.emulator ?? 0) / count) * 1e6 }
}

/** Somebody reads a large export all the while: what is dead cannot be cleaned up. */
async function withOpenSnapshot(world: World, work: () => Promise<Drained>): Promise<Drained> {
  const reader = await world.house.db.connect()
  try {
    await reader.query('begin isolation level repeatable read')
    await reader.query('select count(*) from channels')
    return await work()
  } finally {
    await reader.query('rollback')
    reader.release()
  }
}

const PARTS = ['house', 'postgres', 'emulator', 'receiver'] as const

function report(found: Rounds, snapshot: Drained, count: number): Findings {
  const alone = found.alone.map(({ rate }) => rate)
  const rateOf = (name: Variant) => found[name].map(({ rate }) => rate)
  const medianOf = (name: Variant, pick: (one: Drained) => number) => median(found[name].map(pick))
  const shares = (name: Variant) => median(ratios(rateOf(name), alone))
  const efficiency = (name: Variant) => medianOf(name, ({ rate, total }) => (rate * total) / 1e6 / CORES)
  const rates: Table = {
    columns: ['path', 'messages/s', 'of the HTTP client alone', 'accept included', 'of the CPU ceiling', 'machine used by others'],
    rows: [
      [`HTTP client alone, ${ALONE_CONNECTIONS} connections, no statuses`, showRounds(alone), '1', '', '', ''],
      ...NAMES.map((name) => [
        VARIANTS[name].title,
        showRounds(rateOf(name)),
        show(shares(name)),
        show(medianOf(name, ({ whole }) => whole)),
        show(efficiency(name)),
        `${show(medianOf(name, ({ others }) => others) * 100, 0)} %`,
      ]),
      ['3 statuses, a snapshot held open (once)', show(snapshot.rate), '', show(snapshot.whole), '', ''],
    ],
  }
  const costs: Table = {
    title: 'CPU a message, in microseconds, and what PostgreSQL writes a message',
    columns: ['path', ...PARTS, 'together', 'rows inserted', 'updated', 'deleted', 'commits', 'bytes of WAL'],
    rows: NAMES.map((name) => [
      VARIANTS[name].title,
      ...PARTS.map((part) => show(medianOf(name, ({ cpu }) => cpu[part] ?? 0))),
      show(medianOf(name, ({ total }) => total)),
      ...(['inserted', 'updated', 'deleted', 'commits', 'wal'] as const).map((what) =>
        show(medianOf(name, ({ written }) => written[what])),
      ),
    ]),
  }
  const aloneCosts: Table = {
    title: 'Each part alone, in the same run',
    columns: ['part', 'us a message', 'messages/s on one core'],
    rows: [
      ...(['client', 'emulator'] as const).map(
        (part) => [`HTTP ${part}, POST alone`, median(found.alone.map((one) => one[part]))] as const,
      ),
      ...PARTS.slice(0, 3).map((part) => [`${part}, of the path with 3 statuses`, medianOf('plain', ({ cpu }) => cpu[part] ?? 0)] as const),
    ].map(([part, cost]) => [part, show(cost), show(1e6 / cost)]),
  }
  const gates: Gate[] = [
    atLeast('drain, against the HTTP client alone', shares('plain'), 0.12),
    atLeast('drain, against the CPU ceiling (cores / CPU a message)', efficiency('plain'), 0.6),
    atLeast('drain with one endpoint, against the HTTP client alone', shares('endpoint'), 0.05),
  ]
  const text = [
    `${show(count)} messages to as many people are accepted by bulk while their channel is paused; the clock runs from the end of the pause until every receipt has been answered 200 by the house (its effect is committed then) and, with an endpoint, every event has been received. One channel at 100,000/s, one workspace, the same database over all rounds: round 1 is a fresh table, the last one has turned over ${found.plain.length * NAMES.length} times. Every message was sent once, has the state \`read\`, and nothing is left in the outbox.`,
  ]
  return { title: 'Drain of the whole path', text, tables: [rates, costs, aloneCosts], gates }
}

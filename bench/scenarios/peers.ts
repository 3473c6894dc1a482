import { startHelper } from '../calls.ts'
import { cpuOf, meterCpu } from '../cpu.ts'
import { median, ratios, rotated, show, showRounds } from '../figures.ts'
import { acceptBulk, countStates, mustBe, until } from '../messages.ts'
import { PEERS, type PeerName } from '../peers/kinds.ts'
import type { PeerPlace } from '../peers/peer.ts'
import { ensureRedis, openRedis } from '../peers/redis.ts'
import { atLeast, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'
import { type Channel, openWorld, type World } from '../world.ts'

type Measured = { rate: number; worker: number; storage: number }
type Name = 'ours' | PeerName

const POSTGRES: readonly PeerName[] = ['graphile', 'graphilePlain', 'bossFetch', 'bossWork']
const REDIS = ['bullEverysec', 'bullAlways'] as const satisfies readonly PeerName[]
const SLOW: ReadonlySet<Name> = new Set(['graphilePlain'])
const OURS_WRITES =
  'inserts message and work, leases the work, moves the message twice, deletes the work, inserts 3 events and a wire id; keeps message, events, wire id'
const DRAIN_MOST_MS = 120_000

/** Jobs put in beforehand, each one POST to the emulator, until the last is marked as done. No statuses come back, to us neither. */
export async function peers({ rounds, quick }: Scale): Promise<Findings> {
  const count = quick ? 2_000 : 20_000
  const world = await openWorld()
  const names: Name[] = ['ours', ...POSTGRES, ...(ensureRedis() ? REDIS : [])]
  const found = new Map<Name, Measured[]>(names.map((name) => [name, []]))
  try {
    const channel = await world.channel({ told: false, rate: 100_000 })
    await drainOurs(world, channel, count) // warm
    for (let round = 0; round < rounds; round++) {
      for (const name of rotated(names, round)) {
        const amount = SLOW.has(name) ? count / 4 : count
        const measured = name === 'ours' ? await drainOurs(world, channel, count) : await drainPeer(world, name, amount)
        found.get(name)?.push(measured)
        console.log(`peers ${round + 1}/${rounds} ${name}: ${show(measured.rate)}/s`)
      }
    }
    return report(found, count)
  } finally {
    await world.close()
  }
}

async function drainOurs(world: World, channel: Channel, count: number): Promise<Measured> {
  await world.emulator.ask('forget')
  const before = (await countStates(world, channel)).states.sent ?? 0
  await world.api('POST', `/channels/${channel.id}/pause`)
  await acceptBulk(world, channel, { count })
  const read = world.meter()
  const begun = performance.now()
  await world.api('POST', `/channels/${channel.id}/resume`)
  await until('our drain', async () => (await world.facts()).distinct >= count, DRAIN_MOST_MS)
  await until('our drain', async () => (await countStates(world, channel)).work === 0, DRAIN_MOST_MS)
  const seconds = (performance.now() - begun) / 1000
  const cpu = read()
  const { states } = await countStates(world, channel)
  mustBe('rows in the state sent', (states.sent ?? 0) - before, count)
  await checkPhones(world, count)
  return { rate: count / seconds, worker: ((cpu.house ?? 0) / count) * 1e6, storage: ((cpu.postgres ?? 0) / count) * 1e6 }
}

async function checkPhones(world: World, count: number): Promise<void> {
  const { distinct, twice } = await world.facts()
  mustBe('messages on phones', distinct, count)
  mustBe('messages twice on a phone', twice, 0)
}

/** A worker process and, for BullMQ, a Redis of its own; a database of its own in the house's PostgreSQL. */
export async function withPeer<Result>(
  world: World,
  name: PeerName,
  work: (worker: ReturnType<typeof startHelper>, storage: () => number) => Promise<Result>,
): Promise<Result> {
  const redis =
    name === 'bullAlways' || name === 'bullEverysec' ? await openRedis(name === 'bullAlways' ? 'always' : 'everysec') : undefined
  const database = `peer_${name.toLowerCase()}`
  await world.house.db.query(`drop database if exists ${database} with (force)`)
  await world.house.db.query(`create database ${database}`)
  const worker = startHelper('./children/peer.ts')
  const place: PeerPlace = { database: { ...world.house.address, database }, redis: redis?.path ?? '' }
  try {
    await worker.ask('open', { name, place, target: world.silent })
    const result = await work(worker, redis ? () => cpuOf(redis.pid) : () => world.house.cpu().postgres)
    await worker.ask('close')
    return result
  } finally {
    await worker.stop()
    await redis?.close()
  }
}

const drainPeer = (world: World, name: PeerName, count: number): Promise<Measured> =>
  withPeer(world, name, async (worker, storage) => {
    await worker.ask(
      'add',
      Array.from({ length: count }, (_, i) => ({ callbackData: `${name}-${i}` })),
    )
    await world.emulator.ask('forget')
    const read = meterCpu({ worker: () => cpuOf(worker.pid), storage })
    const { seconds, handled } = await worker.ask<{ seconds: number; handled: number }>('run', count)
    const cpu = read()
    mustBe('jobs handled', handled, count)
    await checkPhones(world, count)
    return { rate: count / seconds, worker: ((cpu.worker ?? 0) / count) * 1e6, storage: ((cpu.storage ?? 0) / count) * 1e6 }
  })

function report(found: ReadonlyMap<Name, Measured[]>, count: number): Findings {
  const rates = (name: Name) => (found.get(name) ?? []).map(({ rate }) => rate)
  const against = (name: Name) => median(ratios(rates('ours'), rates(name)))
  const rows = [...found].map(([name, rounds]) => [
    name === 'ours' ? '**this house**, statuses off' : PEERS[name].title,
    showRounds(rates(name)),
    name === 'ours' ? '' : show(against(name)),
    show(median(rounds.map(({ worker }) => worker))),
    show(median(rounds.map(({ storage }) => storage))),
    name === 'ours' ? OURS_WRITES : PEERS[name].writes,
  ])
  const hasRedis = found.has('bullEverysec')
  return {
    title: 'The same HTTP handler, beside other queues',
    text: [
      `${show(count)} jobs are put in beforehand, in chunks of 1,000 (a quarter for the untuned one); each is one POST of the same body to the emulator, whose receipts are told to nobody. The clock runs until the last job is marked as done in its store. All PostgreSQL queues share the server of the house, ${64} requests in flight at most; the house decides that for itself. The house keeps its history and checks order, pace, opt-out and expiry of each message; the others take a job and run a function.`,
    ],
    tables: [{ columns: ['queue', 'jobs/s', 'ours against it', 'us worker', 'us store', 'written for each job'], rows }],
    gates: [
      atLeast('against graphile-worker tuned', against('graphile'), 0.9),
      ...(hasRedis ? REDIS.map((name) => atLeast(`against ${PEERS[name].title}`, against(name), 1.2)) : []),
    ],
  }
}

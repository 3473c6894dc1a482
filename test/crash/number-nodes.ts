import { setTimeout as sleep } from 'node:timers/promises'
import { drive } from './driver.ts'
import { type NumberWorld, openNumberWorld } from './number-world.ts'
import { seeded, settled } from './scenario.ts'
import { openStage } from './stage.ts'
import { until } from './until.ts'
import { judge } from './verdict.ts'

export type NodesOptions = {
  seed: number
  total: number
  /** The node that holds the number is killed for good, or stands still for a while. */
  holder: 'killed' | { frozenMs: number }
}

export type NodesReport = {
  broken: string[]
  /** From the end of the holder to the other one's open connection. */
  takenOverMs: number
  overlaps: number
  messages: number
  inbound: number
}

const TAKE_OVER_MS = 60_000
const ARRIVE_MS = 120_000
const AWAKE_MS = 3_000

/** Two houses on one database, one of which holds the number and is lost: the other one goes on. */
export async function runNodes({ seed, total, holder }: NodesOptions): Promise<NodesReport> {
  const random = seeded(seed)
  const worlds: NumberWorld[] = []
  const openWorld = async () => {
    const world = await openNumberWorld(random, { unrest: true, mayOverlap: holder !== 'killed' })
    worlds.push(world)
    return world
  }
  const stage = await openStage({ random, nodes: 2, rate: 1_000, openWorld })
  const [world] = worlds
  try {
    if (!world) throw new Error('there is no world')
    const { rows, url, key, channelId, since, houses } = stage
    let allowed = total / 2
    const habits = { perPhone: 1.3, policies: ['retry'], inboundShare: 0.5 } as const
    const driver = drive({ world, key, channelId, random, url, total, allowed: () => allowed, ahead: total / 3, ...habits })
    await Promise.race([driver.done, until(ARRIVE_MS, 'some arrived', () => world.arrivals.size >= total / 4, 3)])
    const lost = houses.findIndex((_, node) => world.cable(node).open > 0)
    const [loser, other] = [houses[lost], houses[1 - lost]]
    if (!loser || !other) throw new Error('nobody holds the number')
    const begun = performance.now()
    if (holder === 'killed') await loser.kill()
    else loser.freeze()
    stage.point([other])
    allowed = total
    await until(TAKE_OVER_MS, 'the other one is connected', () => world.cable(1 - lost).open > 0 && isConnected(world), 20)
    const takenOverMs = Math.round(performance.now() - begun)
    if (holder !== 'killed') {
      await sleep(begun + holder.frozenMs - performance.now())
      loser.thaw()
      await sleep(AWAKE_MS)
    }
    await driver.done
    await settled(stage)
    const { broken, books } = await judge({ world, driver, rows, url, key, since, mayDouble: false })
    if (holder !== 'killed' && world.cable(lost).open > 0) broken.push('the frozen one is still connected')
    const { overlaps } = world
    await stage.stop()
    return { broken, takenOverMs, overlaps, messages: books.messages.length, inbound: books.inbound.length }
  } finally {
    await stage.clear()
  }
}

const isConnected = ({ server, number }: NumberWorld): boolean => server.devices(number)[0]?.isConnected === true

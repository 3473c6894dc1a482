import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from '../../server/src/kit/postgres-server.ts'
import { type Balancer, openBalancer } from './balancer.ts'
import { openRows, type Rows } from './books.ts'
import { call } from './call.ts'
import { embeddedAddress, type HouseProcess, openHouseProcess } from './harness.ts'
import { openCloudWorld, type World } from './world.ts'

/** Houses, the world around them, a channel and an endpoint that hears everything. */
export interface Stage {
  readonly world: World
  readonly houses: readonly HouseProcess[]
  readonly rows: Rows
  /** Where customers and Meta reach the houses. */
  readonly url: string
  readonly key: string
  readonly channelId: string
  /** The endpoint hears events after this number. */
  readonly since: number
  /** Sends customers and Meta to these houses alone. */
  point(houses: readonly HouseProcess[]): void
  /** SIGTERM to every house that runs; answers their exit codes. */
  stop(): Promise<(number | null)[]>
  clear(): Promise<void>
}

export type StageOptions = {
  random: () => number
  /** The network, as a cloud channel sees it by default. */
  openWorld?: ((random: () => number) => Promise<World>) | undefined
  /** Over 1: on one PostgreSQL that is not theirs, behind a balancer. */
  nodes: number
  /** Messages a second of the channel. */
  rate: number
  environment?: Record<string, string>
  /** Hears everything that the houses print. */
  hear?: (chunk: Buffer) => void
}

const USUAL = {
  CHASQUI_RECONCILE_SECONDS: '3',
  CHASQUI_RECONCILE_MOST_SECONDS: '20',
  CHASQUI_ALLOW_NETWORKS: '127.0.0.0/8',
  CHASQUI_LOG_LEVEL: process.env.CRASH_LOG ?? 'silent',
  ...(process.env.CRASH_LOG && { CHASQUI_LOG_FILE: join(tmpdir(), `chasqui-crash-${process.pid}.log`) }),
}

export async function openStage({ random, nodes, rate, openWorld = openCloudWorld, ...options }: StageOptions): Promise<Stage> {
  const world = await openWorld(random)
  const ends: (() => unknown)[] = [() => world.close()]
  const clear = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const shared = nodes > 1 ? await openShared(ends) : undefined
    const houses: HouseProcess[] = []
    for (let i = 0; i < nodes; i++) {
      const ours = shared && { ...shared.environment, DATABASE_URL: `${shared.environment.DATABASE_URL}&application_name=${nodeName(i)}` }
      houses.push(await openHouseProcess({ ...USUAL, ...(await world.environment(i)), ...ours, ...options.environment }, options.hear))
    }
    ends.push(() => houses.map((house) => house.clear()))
    await houses[0]?.start()
    await Promise.all(houses.slice(1).map((house) => house.start()))
    const point = (open: readonly HouseProcess[]) => shared?.balancer.point(open.map(({ url }) => url))
    point(houses)
    const [first] = houses
    if (!first) throw new Error('a stage has at least one house')
    const url = shared?.balancer.url ?? first.url
    const rows = openRows(() => shared?.address ?? embeddedAddress(first.dataDir))
    const key = first.firstRun().live.keys.canonical
    const channelId = await world.connect({ url, key }, rate)
    const since = await openEndpoint({ world, url, key }, rows)
    return {
      ...{ world, houses, rows, url, key, channelId, since, point, clear },
      stop: () => Promise.all(houses.map((house) => house.stop())),
    }
  } catch (error) {
    await clear()
    throw error
  }
}

type Shared = {
  balancer: Balancer
  address: { host: string; user: string; password: string; database: string }
  environment: Record<'DATABASE_URL' | 'CHASQUI_SECRET' | 'CHASQUI_PUBLIC_URL', string>
}

async function openShared(ends: (() => unknown)[]): Promise<Shared> {
  const balancer = await openBalancer()
  ends.push(() => balancer.close())
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-crash-shared-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  const server = await openPostgres(folder, randomBytes(16).toString('hex'))
  ends.push(() => server.stop())
  const { host, user, password, database } = server.address
  const environment = {
    DATABASE_URL: `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`,
    CHASQUI_SECRET: randomBytes(32).toString('hex'),
    CHASQUI_PUBLIC_URL: balancer.url,
  }
  return { balancer, address: server.address, environment }
}

/** What the sessions of a node are called in a database that several share. */
export const nodeName = (node: number): string => `chasqui-node-${node}`

type Caller = { world: World; url: string; key: string }

async function openEndpoint({ world, url, key }: Caller, rows: Rows): Promise<number> {
  await call(`${url}/v2/webhooks`, key, { url: world.hookUrl, events: ['*'] })
  const [endpoint] = await rows.ask<{ cursor_seq: number }>('select cursor_seq from endpoints')
  if (!endpoint) throw new Error('the endpoint is no row')
  return endpoint.cursor_seq
}

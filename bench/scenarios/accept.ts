import { fileURLToPath } from 'node:url'
import { type Helper, startHelper } from '../calls.ts'
import type { Load, Loaded } from '../children/raw-load.ts'
import { cpuOf, meterCpu } from '../cpu.ts'
import { median, ratios, rotated, show, showRounds } from '../figures.ts'
import { acceptBulk, mustBe } from '../messages.ts'
import { recipient, TEXT } from '../peers/post.ts'
import { atLeast, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'
import { type Channel, openWorld, type World } from '../world.ts'

const KINDS = ['durable', 'none', 'bulk'] as const
type Kind = (typeof KINDS)[number]
type Measured = { rate: number; p50: number; p99: number; house: number; postgres: number; load: number }

const CONNECTIONS = 64
const PEOPLE = 1_000
const AHEAD_MS = 86_400_000

type Site = { world: World; channel: Channel; load: Helper; seconds: number; bulk: number }

/** One message a request over 64 connections, against the same server and route with nothing behind it; and a thousand a request. */
export async function accept({ rounds, quick }: Scale): Promise<Findings> {
  const load = startHelper('./children/raw-load.ts')
  const durable = await openWorld()
  const bare = await openWorld({ node: ['--import', fileURLToPath(new URL('../children/no-database.ts', import.meta.url))] })
  const found: Record<Kind, Measured[]> = { durable: [], none: [], bulk: [] }
  try {
    const sizes = { load, seconds: quick ? 1 : 4, bulk: quick ? 10_000 : 100_000 }
    const site = { ...sizes, world: durable, channel: await durable.channel({ told: false, rate: 80 }) }
    const bareSite = { ...sizes, world: bare, channel: await bare.channel({ told: false, rate: 80 }) }
    for (const one of [site, bareSite]) await single({ ...one, seconds: 2 }, one === site)
    for (let round = 0; round < rounds; round++) {
      for (const kind of rotated(KINDS, round)) {
        found[kind].push(kind === 'bulk' ? await bulk(site) : await single(kind === 'durable' ? site : bareSite, kind === 'durable'))
        console.log(`accept ${round + 1}/${rounds} ${kind}: ${show(found[kind].at(-1)?.rate ?? 0)}/s`)
      }
    }
    return report(found)
  } finally {
    await load.stop()
    await durable.close()
    await bare.close()
  }
}

async function rowsOf({ world, channel }: Site): Promise<number> {
  const { rows } = await world.house.db.query<{ count: string }>(
    `select count(*) from messages m join outbox_sends o on o.subject = m.id where m.channel_id = $1 and m.state = 'scheduled'`,
    [channel.uuid],
  )
  return Number(rows[0]?.count)
}

/** A day ahead: the engine has nothing to do, so what is measured is acceptance alone. */
const sendAt = () => new Date(Date.now() + AHEAD_MS)

async function single(site: Site, isDurable: boolean): Promise<Measured> {
  const { world, channel, load, seconds } = site
  const bodies = Array.from({ length: PEOPLE }, (_, i) =>
    JSON.stringify({ channelId: channel.id, to: recipient(i), text: TEXT, outsideWindow: 'attempt', sendAt: sendAt().toISOString() }),
  )
  const before = await rowsOf(site)
  const read = meterCpu({ ...partsOf(world), load: () => cpuOf(load.pid) })
  const asked: Load = {
    port: Number(new URL(world.house.url).port),
    path: '/v2/messages',
    key: world.house.key,
    bodies,
    connections: CONNECTIONS,
    seconds,
    status: 201,
  }
  const loaded = await load.ask<Loaded>('run', asked)
  const cpu = read()
  mustBe('rows behind the answers', (await rowsOf(site)) - before, isDurable ? loaded.answers : 0)
  const each = (part: string) => ((cpu[part] ?? 0) / loaded.answers) * 1e6
  return {
    rate: loaded.answers / loaded.seconds,
    p50: loaded.p50,
    p99: loaded.p99,
    house: each('house'),
    postgres: each('postgres'),
    load: each('load'),
  }
}

const partsOf = ({ house }: World) => ({ house: () => house.cpu().house, postgres: () => house.cpu().postgres })

async function bulk(site: Site): Promise<Measured> {
  const before = await rowsOf(site)
  const read = meterCpu({ ...partsOf(site.world), load: () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6 })
  const { seconds } = await acceptBulk(site.world, site.channel, { count: site.bulk, sendAt })
  const cpu = read()
  mustBe('rows behind the bulk answers', (await rowsOf(site)) - before, site.bulk)
  const each = (part: string) => ((cpu[part] ?? 0) / site.bulk) * 1e6
  return {
    rate: site.bulk / seconds,
    p50: Number.NaN,
    p99: Number.NaN,
    house: each('house'),
    postgres: each('postgres'),
    load: each('load'),
  }
}

const TITLES: Record<Kind, string> = {
  durable: `POST /v2/messages, ${CONNECTIONS} connections`,
  none: 'the same server and route, its acceptor answering at once',
  bulk: 'POST /v2/messages/bulk, 1,000 a body, 4 at once',
}

function report(found: Record<Kind, Measured[]>): Findings {
  const rates = (kind: Kind) => found[kind].map(({ rate }) => rate)
  const cell = (kind: Kind, pick: (one: Measured) => number) => show(median(found[kind].map(pick)))
  const share = median(ratios(rates('durable'), rates('none')))
  const columns = ['door', 'messages/s', 'p50 ms', 'p99 ms', 'us house', 'us postgres', 'us generator']
  const rows = KINDS.map((kind) => [
    TITLES[kind],
    showRounds(rates(kind)),
    ...(['p50', 'p99', 'house', 'postgres', 'load'] as const).map((what) => cell(kind, (one) => one[what])),
  ])
  return {
    title: 'Accept',
    text: [
      `Messages for tomorrow to people who are known, on a cloud channel: bearer key, validation, plan, address, then one commit with \`synchronous_commit=on\` (message, work, event) before the 201. The baseline is the same house started with one port replaced: its acceptor answers without writing. The rows are counted against the answers in every round. Accepting by bulk to unknown people costs more: their contacts and conversations are made first. The durable route reaches ${show(share)} of the baseline.`,
    ],
    tables: [{ columns, rows }],
    gates: [
      atLeast('single accept, against the same route without a database', share, 0.5),
      atLeast('bulk accept, messages/s', median(rates('bulk')), 25_000, show),
    ],
  }
}

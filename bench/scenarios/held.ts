import { claimMessages } from '../../server/src/dispatch/claim-messages.ts'
import { openDatabase } from '../../server/src/kit/db.ts'
import { openLog } from '../../server/src/kit/log.ts'
import { median, percentile, ratios, rotated, show, showRounds } from '../figures.ts'
import { loadMessages } from '../loads.ts'
import { mustBe } from '../messages.ts'
import { atLeast, type Findings } from '../report.ts'
import type { Scale } from '../run.ts'
import { type Channel, openWorld, type World } from '../world.ts'

const DEPTHS = { few: 10_000, many: 1_000_000 } as const
type Depth = keyof typeof DEPTHS
const CLAIM = 100
const NODE = '00000000-0000-7000-8000-000000000001'
const HOUR = 3_600

type Site = { world: World; channel: Channel; database: ReturnType<typeof openDatabase> }
type Claimed = { rate: number; p50: number; p99: number }

/** The claim by itself, the house's own function on its own database, with little and with much that is due later in the same queue. */
export async function held({ rounds, quick }: Scale): Promise<Findings> {
  const depths: Record<Depth, number> = quick ? { few: 1_000, many: 50_000 } : DEPTHS
  const due = quick ? 2_000 : 10_000
  const sites: Partial<Record<Depth, Site>> = {}
  const found: Record<Depth, Claimed[]> = { few: [], many: [] }
  try {
    const names = Object.keys(depths) as Depth[] // the keys of the object above
    for (const name of names) sites[name] = await openSite(depths[name])
    for (let round = 0; round < rounds; round++) {
      for (const name of rotated(names, round)) {
        const site = sites[name]
        if (site) found[name].push(await claimAll(site, due))
        console.log(`held ${round + 1}/${rounds} ${name}: ${show(found[name].at(-1)?.rate ?? 0)} rows/s`)
      }
    }
  } finally {
    for (const site of Object.values(sites)) {
      await site.database.close()
      await site.world.close()
    }
  }
  return report(found, depths, due)
}

/** The house here opens its doors only: nobody else claims. */
async function openSite(depth: number): Promise<Site> {
  const world = await openWorld({ env: { CHASQUI_ROLES: 'api' } })
  const channel = await world.channel({ told: false, rate: 100_000 })
  await loadMessages(world.house.db, { channel, count: depth, lane: 'transactional', due: [HOUR, 720 * HOUR] })
  const database = openDatabase({ ...world.house.address, database: 'postgres' }, openLog('silent'))
  await claimAll({ world, channel, database }, 1_000) // warm
  return { world, channel, database }
}

async function claimAll({ world, channel, database }: Site, due: number): Promise<Claimed> {
  const { db } = world.house
  const { rows: marks } = await db.query<{ last: string }>('select max(position) as last from outbox_sends')
  await loadMessages(db, { channel, count: due, lane: 'transactional', due: [-10, -1] })
  const slots = { of: () => CLAIM, total: CLAIM, limited: [] }
  const times: number[] = []
  let claimed = 0
  const begun = performance.now()
  while (claimed < due && times.length < due) {
    const before = performance.now()
    claimed += (await claimMessages({ database, node: NODE, now: () => new Date() }, slots)).rows.length
    times.push(performance.now() - before)
  }
  const seconds = (performance.now() - begun) / 1000
  mustBe('rows claimed', claimed, due)
  await forget(world, channel, Number(marks[0]?.last))
  return { rate: due / seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

/** What was claimed goes, as after its sending; then vacuum, which the house does every 10 s of load. */
async function forget({ house: { db } }: World, channel: Channel, last: number): Promise<void> {
  await db.query(
    'with gone as (delete from outbox_sends where position > $1 returning subject, workspace_id) delete from messages m using gone g where m.workspace_id = g.workspace_id and m.id = g.subject',
    [last],
  )
  await db.query('vacuum outbox_sends')
  await db.query(
    'update queues set next_due_at = (select min(due_at) from outbox_sends o where o.queue_id = queues.id) where channel_id = $1',
    [channel.uuid],
  )
}

function report(found: Record<Depth, Claimed[]>, depths: Record<Depth, number>, due: number): Findings {
  const rates = (name: Depth) => found[name].map(({ rate }) => rate)
  const names: Depth[] = ['few', 'many']
  return {
    title: 'Claim with little and much held',
    text: [
      `${show(due)} due rows are claimed ${CLAIM} at a time (lock queues and buckets, lease, move the queue on, spend tokens: one commit), beside rows of the same queue that are due within a month.`,
    ],
    tables: [
      {
        columns: ['held', 'rows claimed/s', 'p50 ms a claim', 'p99 ms'],
        rows: names.map((name) => [
          show(depths[name]),
          showRounds(rates(name)),
          show(median(found[name].map(({ p50 }) => p50))),
          show(median(found[name].map(({ p99 }) => p99))),
        ]),
      },
    ],
    gates: [atLeast('claim with much held, against little', median(ratios(rates('many'), rates('few'))), 0.9)],
  }
}

import { countLinkedDays, reopenDue } from '#core/channels'
import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import { purgeOwnSends } from './cold.store.ts'
import { openStrandedEnds } from './end-stranded.ts'
import { callNext, mendLines } from './line.store.ts'
import { mendJoined, mendQueues, purgeOld, readGauges, rollPartitions, vacuumOutbox } from './sweep.store.ts'

type SweepParts = {
  database: Database
  ports: Ports
  log: Logger
  metrics: Metrics
  now(): Date
  wake(): void
  /** Sends since the last look: tells whether there is load. */
  sendsSoFar(): number
}

/** Looks after the house: what a crash left between two steps, what has become old, what an operator wants to see. */
async function lookAtGauges({ database, metrics }: SweepParts): Promise<void> {
  const { due, lagSeconds, unsettled, webhookLag } = await readGauges(database.engine)
  metrics.due.set(due)
  metrics.queueLag.set(lagSeconds)
  metrics.unsettled.set(unsettled)
  metrics.webhookLag.set(webhookLag)
  metrics.poolWaits.set(database.waits().total)
}

/** What an operator asks, as one line of the log; the same figures are metrics. */
async function figures(metrics: Metrics): Promise<Record<string, unknown>> {
  const sum = async (metric: { get(): Promise<{ values: { value: number; metricName?: string }[] }> }) =>
    (await metric.get()).values.reduce((total, { value }) => total + value, 0)
  const outcomes = (await metrics.outcomes.get()).values.map(({ labels, value }) => [
    [labels.kind, labels.code].filter(Boolean).join(' '),
    value,
  ])
  const lateness = (await metrics.lateness.get()).values
  const late = (name: string) => lateness.find(({ metricName }) => metricName?.endsWith(name))?.value ?? 0
  return {
    accepted: await sum(metrics.accepted),
    due: await sum(metrics.due),
    latenessMeanSeconds: late('_count') > 0 ? Number((late('_sum') / late('_count')).toFixed(3)) : 0,
    inFlight: await sum(metrics.inFlight),
    outcomes: Object.fromEntries(outcomes),
    queueLagSeconds: await sum(metrics.queueLag),
    webhookLag: await sum(metrics.webhookLag),
    unsettled: await sum(metrics.unsettled),
    databaseWaits: await sum(metrics.poolWaits),
  }
}

export function openSweep(parts: SweepParts): { start(): void; stop(): Promise<void>; mend(): Promise<void> } {
  const { database, log, metrics } = parts
  const timers: NodeJS.Timeout[] = []
  const running = new Set<Promise<void>>()
  const endStranded = openStrandedEnds({ database, events: parts.ports.events, now: parts.now })
  let vacuumed = 0

  const every = (ms: number, what: string, work: () => Promise<void>) => {
    let busy = false
    const once = () => {
      if (busy) return
      busy = true
      const done = work()
        .catch((error: unknown) => log.warn({ error, what }, 'a sweep failed and will come again'))
        .finally(() => {
          busy = false
          running.delete(done)
        })
      running.add(done)
    }
    timers.push(setInterval(once, ms).unref())
    return once
  }

  const mend = async () => {
    if ((await inTransaction(database.engine, {}, mendQueues)) > 0) parts.wake()
    await mendJoined(database.engine)
    await parts.ports.settler.matchStrays()
    await mendLines(database.engine)
  }

  const callLines = async () => {
    const now = parts.now()
    const queues = await inTransaction(database.engine, {}, (db) => callNext(db, now))
    parts.ports.touches.touchAll(new Map(queues.map((queueId) => [queueId, now])))
  }

  return {
    mend,
    start() {
      every(30_000, 'mend', mend)()
      every(30_000, 'stranded', endStranded)()
      every(3_600_000, 'partitions', () => rollPartitions(database.db))()
      every(600_000, 'purge', () => purgeOld(database.db))
      every(60_000, 'own sends', () => purgeOwnSends(database.engine, parts.now()))
      every(600_000, 'ramps', () => countLinkedDays(database.db))()
      every(1_000, 'sessions', () => reopenDue(database.db, parts.ports.events, parts.now))()
      every(1_000, 'lines', callLines)()
      every(10_000, 'vacuum', async () => {
        const sends = parts.sendsSoFar()
        if (sends - vacuumed < 1_000) return
        vacuumed = sends
        await vacuumOutbox(database.engine)
      })
      every(5_000, 'gauges', () => lookAtGauges(parts))
      every(60_000, 'report', async () => log.info(await figures(metrics), 'the house in figures'))
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await Promise.allSettled([...running])
    },
  }
}

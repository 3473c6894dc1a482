import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { IN_FLIGHT, openLimit, type Peer, type PeerPlace } from './peer.ts'

export type BossSettings = { by: 'fetch' | 'work'; batch: number; loops: number }

type Payload = { callbackData: string }
const QUEUE = 'sends'
const IDLE_MS = 5

/** pg-boss, by its own `work()` or by a loop of fetch and complete, which its manual offers for those who want more. */
export async function openBoss({ database }: PeerPlace, { by, batch, loops }: BossSettings): Promise<Peer> {
  const boss = new PgBoss({ ...database, max: 10, supervise: false, schedule: false })
  boss.on('error', () => undefined) // its server ends at the end of the bench
  await boss.start()
  await boss.createQueue(QUEUE)
  const pool = new pg.Pool({ ...database, max: 1 })
  const limit = openLimit(IN_FLIGHT)
  let open = true
  const running: Promise<void>[] = []

  const runAll = (jobs: { data: Payload }[], handle: (callbackData: string) => Promise<void>) =>
    Promise.all(jobs.map(({ data }) => limit(() => handle(data.callbackData))))

  const fetchLoop = async (handle: (callbackData: string) => Promise<void>) => {
    while (open) {
      const jobs = await boss.fetch<Payload>(QUEUE, { batchSize: batch })
      if (jobs.length === 0) await new Promise((done) => setTimeout(done, IDLE_MS))
      else {
        await runAll(jobs, handle)
        await boss.complete(
          QUEUE,
          jobs.map(({ id }) => id),
        )
      }
    }
  }

  return {
    async add(jobs) {
      await boss.insert(
        QUEUE,
        jobs.map(({ callbackData, dueAt }) => ({ data: { callbackData }, ...(dueAt !== undefined && { startAfter: new Date(dueAt) }) })),
      )
    },
    async start(handle) {
      if (by === 'fetch') {
        for (let loop = 0; loop < loops; loop++) running.push(fetchLoop(handle))
        return
      }
      const options = { batchSize: batch, localConcurrency: loops, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }
      await boss.work<Payload>(QUEUE, options, async (jobs) => {
        await runAll(jobs, handle)
      })
    },
    async left() {
      const { rows } = await pool.query<{ count: string }>(`select count(*) from pgboss.job where state <> 'completed'`)
      return Number(rows[0]?.count)
    },
    async close() {
      open = false
      await Promise.all(running)
      await boss.stop({ graceful: true, timeout: 5_000 })
      await pool.end()
    },
  }
}

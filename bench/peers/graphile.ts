import { Logger, makeWorkerUtils, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import { IN_FLIGHT, type Peer, type PeerPlace } from './peer.ts'

export type GraphileSettings = { localQueue: number | undefined; completeBatched: boolean; pollMs: number }

const QUIET = new Logger(() => () => undefined)

/** graphile-worker: `localQueue` and the batched completion are what its manual recommends for high rates. */
export async function openGraphile({ database }: PeerPlace, settings: GraphileSettings): Promise<Peer> {
  const pool = new pg.Pool({ ...database, max: 12 })
  pool.on('error', () => undefined) // its server ends at the end of the bench
  pool.on('connect', (client) => client.on('error', () => undefined))
  const utils = await makeWorkerUtils({ pgPool: pool, logger: QUIET })
  await utils.migrate()
  let runner: Runner | undefined
  return {
    async add(jobs) {
      await utils.addJobs(
        jobs.map(({ callbackData, dueAt }) => ({
          identifier: 'send',
          payload: { callbackData },
          ...(dueAt !== undefined && { runAt: new Date(dueAt) }),
        })),
      )
    },
    async start(handle) {
      runner = await run({
        pgPool: pool,
        logger: QUIET,
        noHandleSignals: true,
        concurrency: IN_FLIGHT,
        pollInterval: settings.pollMs,
        taskList: { send: (payload) => handle((payload as { callbackData: string }).callbackData) }, // as it was added above
        preset: {
          worker: {
            ...(settings.localQueue !== undefined && { localQueue: { size: settings.localQueue } }),
            ...(settings.completeBatched && { completeJobBatchDelay: 0 }),
          },
        },
      })
    },
    async left() {
      const { rows } = await pool.query<{ count: string }>('select count(*) from graphile_worker.jobs')
      return Number(rows[0]?.count)
    },
    async close() {
      await runner?.stop()
      await utils.release()
      await pool.end()
    },
  }
}

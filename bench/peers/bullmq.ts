import { Queue, Worker } from 'bullmq'
import type { Peer, PeerPlace } from './peer.ts'

export type BullSettings = { concurrency: number }

type Payload = { callbackData: string }

/** BullMQ on a Redis with an append-only file; finished jobs are removed, as its manual advises. */
export async function openBullmq({ redis }: PeerPlace, { concurrency }: BullSettings): Promise<Peer> {
  const connection = { path: redis, maxRetriesPerRequest: null }
  const name = `sends-${process.pid}`
  const queue = new Queue<Payload>(name, { connection, defaultJobOptions: { removeOnComplete: true } })
  let worker: Worker<Payload> | undefined
  return {
    async add(jobs) {
      await queue.addBulk(
        jobs.map(({ callbackData, dueAt }) => ({
          name: 'send',
          data: { callbackData },
          ...(dueAt !== undefined && { opts: { delay: Math.max(0, dueAt - Date.now()) } }),
        })),
      )
    },
    async start(handle) {
      worker = new Worker<Payload>(name, ({ data }) => handle(data.callbackData), { connection, concurrency })
      worker.on('error', () => undefined) // Redis ends at the end of the bench
      await worker.waitUntilReady()
    },
    async left() {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'failed', 'completed')
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    async close() {
      await worker?.close()
      await queue.close()
    },
  }
}

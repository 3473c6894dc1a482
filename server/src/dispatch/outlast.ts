import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionLoss } from '#kit/db'

const AGAIN_MS = 200

/** What the network said it says once: while the database is away the work is tried on for so long. It may be done twice. */
export async function outlast<Result>(forMs: number, work: () => Promise<Result>): Promise<Result> {
  for (const end = performance.now() + forMs; ; await sleep(AGAIN_MS)) {
    try {
      return await work()
    } catch (error) {
      if (!isConnectionLoss(error) || performance.now() >= end) throw error
    }
  }
}

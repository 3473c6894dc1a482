import { randomUUID } from 'node:crypto'
import { type Database, inTransaction } from '#kit/db'
import { touchQueues } from './accept.store.ts'

/** Queues that got work: a small transaction of its own after the one that wrote the work, shared by many, waited for by nobody. */
export interface QueueTouches {
  /** This queue has something from `at` on. */
  touch(queueId: number, at: Date): void
  touchAll(dues: ReadonlyMap<number, Date>): void
  /** What was said on `chasqui_due`: by whom, and from when something is due; without a time: look now. */
  heard(word: string): void
  drain(): Promise<void>
}

declare module '#kit/context' {
  interface Ports {
    touches: QueueTouches
  }
}

/** `wake` tells the engine of this process; the NOTIFY in the transaction tells the others. What a crash leaves untouched, the sweep mends. */
type Parts = { database: Database; wake(dues?: ReadonlyMap<number, Date>): void }

export function openQueueTouches({ database, wake }: Parts): QueueTouches {
  const node = randomUUID()
  let dues = new Map<number, Date>()
  let running: Promise<void> | undefined

  const write = async () => {
    while (dues.size > 0) {
      const batch = dues
      dues = new Map()
      await inTransaction(database.engine, { relaxed: true }, (db) => touchQueues(db, batch, `${node} ${earliest(batch)}`)).catch(
        () => undefined,
      )
      wake(batch)
    }
    running = undefined
  }
  const touch = (queueId: number, at: Date) => {
    const known = dues.get(queueId)
    if (!known || at < known) dues.set(queueId, at)
    running ??= Promise.resolve().then(write)
  }
  return {
    touch,
    touchAll(wanted) {
      for (const [queueId, at] of wanted) touch(queueId, at)
    },
    heard(word) {
      const [sender, time] = word.split(' ')
      if (sender === node) return // was woken at once
      wake(time === undefined ? undefined : new Map([[ANY_QUEUE, new Date(Number(time))]]))
    },
    drain: async () => {
      await running
    },
  }
}

const ANY_QUEUE = 0
const earliest = (dues: ReadonlyMap<number, Date>): number =>
  [...dues.values()].reduce((least, due) => Math.min(least, due.getTime()), Number.POSITIVE_INFINITY)

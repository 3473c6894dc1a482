import { type Batcher, createBatcher } from '#kit/batcher'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction, isConnectionLoss, unawaited } from '#kit/db'
import { DomainError } from '#kit/errors'
import { insertAccepted } from './accept.store.ts'
import type { Accepted, AcceptUnit } from './accept-unit.ts'
import { acceptedEvent } from './accepted-event.ts'
import { judgeUnits } from './judge-units.ts'
import type { QueueTouches } from './touch-queues.ts'

export type Acceptor = {
  accept(unit: AcceptUnit): Promise<Accepted>
  drain(): Promise<void>
  readonly waiting: number
}

declare module '#kit/context' {
  interface Ports {
    acceptor: Acceptor
  }
}

type AcceptorParts = {
  database: Database
  events: Ports['events']
  now(): Date
  touches: QueueTouches
  /** Tells how many were accepted. */
  count?(messages: number): void
}

const UNITS_MOST = 500
const LANES_OPEN = 2

/** Group commit: requests that arrive while a batch is being written form the next one. Resolves after the commit. */
export function openAcceptor({ database, events, now, touches, count }: AcceptorParts): Acceptor {
  const write = async (units: AcceptUnit[]): Promise<(Accepted | Error)[]> => {
    const written = await writeUnits(units)
    const fresh = units.flatMap((unit, i) =>
      written.results[i] instanceof Error || written.results[i]?.kind !== 'written' ? [] : unit.messages,
    )
    if (fresh.length > 0) {
      for (const { queueId, notBefore, sendAt, createdAt } of fresh) touches.touch(queueId, notBefore ?? sendAt ?? createdAt)
      events.hint(written.events)
      count?.(fresh.length)
    }
    return written.results
  }

  /** An error that we cannot lay on one unit bisects the batch until it can. */
  const writeUnits = async (units: AcceptUnit[]): Promise<{ results: (Accepted | Error)[]; events: RaisedEvent[] }> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await writeOnce(units, attempt > 1)
      } catch (error) {
        if (isConnectionLoss(error) && attempt < 4) {
          await new Promise((done) => setTimeout(done, attempt * 200))
          continue
        }
        if (units.length === 1 || isConnectionLoss(error)) return { results: units.map(() => asDomainError(error)), events: [] }
        const middle = Math.ceil(units.length / 2)
        const left = await writeUnits(units.slice(0, middle))
        const right = await writeUnits(units.slice(middle))
        return { results: [...left.results, ...right.results], events: [...left.events, ...right.events] }
      }
    }
  }

  const writeOnce = async (units: AcceptUnit[], again: boolean): Promise<{ results: (Accepted | Error)[]; events: RaisedEvent[] }> => {
    const { verdicts, inserted, raised } = await inTransaction(database.engine, {}, async (db) => {
      const verdicts = await judgeUnits(db, units, { now: now(), again })
      const fresh = units.filter((unit) => !verdicts.has(unit)).flatMap(({ messages }) => messages)
      const raised = fresh.map(acceptedEvent)
      // message, work, event and commit are one flight: no other batch waits for the counters while we listen
      const inserted = unawaited(db, insertAccepted(db, fresh))
      events.append(db, raised)
      return { verdicts, inserted, raised }
    })
    const numbers = await inserted
    return { results: units.map((unit) => verdicts.get(unit) ?? { kind: 'written', numbers }), events: raised }
  }

  const batcher: Batcher<AcceptUnit, Accepted> = createBatcher({ write, most: UNITS_MOST, lanes: LANES_OPEN })
  return {
    accept: (unit) => batcher.add(unit),
    drain: () => batcher.drain(),
    get waiting() {
      return batcher.waiting
    },
  }
}

function asDomainError(error: unknown): Error {
  if (error instanceof DomainError) return error
  if (isConnectionLoss(error))
    return new DomainError('unavailable', 'The database cannot be reached; nothing was accepted that you were not told of')
  if ((error as { code?: unknown } | null)?.code === '55P03')
    return new DomainError('in_progress', 'The first request with this Idempotency-Key is still running')
  return error instanceof Error ? error : new Error(String(error))
}

import { type Batcher, createBatcher } from '#kit/batcher'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction, isConnectionLoss, unawaited } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { countWaiting, existingMessages, findKey, insertAccepted, type KeyClaim, takeKeys } from './accept.store.ts'
import type { NewMessage } from './new-message.ts'
import type { QueueTouches } from './touch-queues.ts'

/** What is accepted or refused as one: a message, or a bulk of them. */
export type AcceptUnit = {
  workspaceId: string
  messages: readonly NewMessage[]
  idempotency?:
    | { key: string; fingerprint: Buffer /** Kept with the key: what a replay of a bulk must answer beside its messages. */; note?: string }
    | undefined
  /** The plan's bound on messages that wait for a future time. */
  waitingMost?: number | undefined
}

/** A replay names the message that the first request made (the first of a bulk). */
export type Accepted =
  | { kind: 'written'; numbers: ReadonlyMap<string, number> }
  | { kind: 'replay'; subject: string; note: string | undefined }

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
      for (const { queueId, sendAt, createdAt } of fresh) touches.touch(queueId, sendAt ?? createdAt)
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

  const writeOnce = async (units: AcceptUnit[], asked: boolean): Promise<{ results: (Accepted | Error)[]; events: RaisedEvent[] }> => {
    const { verdicts, inserted, raised } = await inTransaction(database.engine, {}, async (db) => {
      const known = asked
        ? await existingMessages(
            db,
            units.flatMap(({ messages }) => messages),
          )
        : new Set<string>()
      const isKnown = (unit: AcceptUnit) => unit.messages.some(({ id }) => known.has(id))
      const verdicts = new Map<AcceptUnit, Accepted | Error>()
      for (const unit of units) if (isKnown(unit)) verdicts.set(unit, { kind: 'written', numbers: new Map() })
      const keyed = units.filter((unit) => unit.idempotency && !verdicts.has(unit))
      if (keyed.length > 0) await judgeKeys(db, keyed, now(), verdicts)
      await judgeWaiting(
        db,
        units.filter((unit) => !verdicts.has(unit)),
      )
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

/** Thrown to undo a batch in which one unit is over its plan: bisecting leaves that unit alone with its error. */
class PlanLimit extends DomainError {
  constructor(unit: AcceptUnit) {
    super('plan_limit', `This plan lets ${unit.waitingMost} message${unit.waitingMost === 1 ? '' : 's'} wait for a future time`, {
      issues: [{ path: 'sendAt', code: 'plan_limit', message: 'too many messages wait already' }],
    })
  }
}

/** Counts what waits in the database and in this very batch. */
async function judgeWaiting(db: Database['db'], units: readonly AcceptUnit[]): Promise<void> {
  const waiting = new Map<string, number>()
  for (const unit of units) {
    const { workspaceId, waitingMost } = unit
    const more = unit.messages.filter(({ sendAt }) => sendAt).length
    if (waitingMost === undefined || more === 0) continue
    const before = waiting.get(workspaceId) ?? (await countWaiting(db, workspaceId, waitingMost))
    if (before + more > waitingMost) throw new PlanLimit(unit)
    waiting.set(workspaceId, before + more)
  }
}

async function judgeKeys(
  db: Database['db'],
  keyed: readonly AcceptUnit[],
  now: Date,
  verdicts: Map<AcceptUnit, Accepted | Error>,
): Promise<void> {
  const first = new Map<string, AcceptUnit>()
  const name = (unit: AcceptUnit) => `${unit.workspaceId} ${unit.idempotency?.key}`
  for (const unit of keyed) if (!first.has(name(unit))) first.set(name(unit), unit)
  const claims = [...first.values()].map(
    (unit): KeyClaim => ({
      workspaceId: unit.workspaceId,
      key: unit.idempotency?.key ?? '',
      fingerprint: unit.idempotency?.fingerprint ?? Buffer.alloc(0),
      subject: unit.messages[0]?.id ?? newId(),
      note: unit.idempotency?.note === undefined ? null : Buffer.from(unit.idempotency.note),
    }),
  )
  const taken = await takeKeys(db, claims, now)
  for (const unit of keyed) {
    const owner = first.get(name(unit))
    if (owner === unit && taken.has(name(unit))) continue
    const key = await findKey(db, unit.workspaceId, { key: unit.idempotency?.key ?? '', now })
    const same = key !== undefined && unit.idempotency !== undefined && key.fingerprint.equals(unit.idempotency.fingerprint)
    verdicts.set(
      unit,
      same && key.subject
        ? { kind: 'replay', subject: key.subject, note: key.note?.toString('utf8') }
        : new DomainError('idempotency_conflict', 'This Idempotency-Key was used with another request'),
    )
  }
}

const acceptedEvent = (message: NewMessage): RaisedEvent => ({
  id: newId(),
  workspaceId: message.workspaceId,
  type: 'message.accepted',
  subjects: subjectsOf(message),
  facts: message.sendAt ? { sendAt: message.sendAt.toISOString() } : {},
  ...(message.callback && { callback: message.callback }),
})

/** Whom a message's event is about. */
export function subjectsOf(message: {
  id: string
  channelId: string
  conversationId: string
  contactId?: string | null | undefined
}): Record<string, string> {
  const { id, channelId, conversationId, contactId } = message
  return { messageId: id, channelId, conversationId, ...(contactId && { contactId }) }
}

function asDomainError(error: unknown): Error {
  if (error instanceof DomainError) return error
  if (isConnectionLoss(error))
    return new DomainError('unavailable', 'The database cannot be reached; nothing was accepted that you were not told of')
  if ((error as { code?: unknown } | null)?.code === '55P03')
    return new DomainError('in_progress', 'The first request with this Idempotency-Key is still running')
  return error instanceof Error ? error : new Error(String(error))
}

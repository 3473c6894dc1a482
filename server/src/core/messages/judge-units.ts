import type { Db } from '#kit/db'
import { DomainError } from '#kit/errors'
import { newId } from '#kit/ids'
import { countWaiting, existingMessages, findKey, type KeyClaim, takeKeys } from './accept.store.ts'
import type { Accepted, AcceptUnit } from './accept-unit.ts'
import { tooManyWait } from './require-room.ts'

export type Verdicts = Map<AcceptUnit, Accepted | Error>

/** Before a batch is written: who is a replay, who may not, who is there already (`again`: the answer of an earlier commit may be lost). The others are to be written. */
export async function judgeUnits(db: Db, units: readonly AcceptUnit[], { now, again }: { now: Date; again: boolean }): Promise<Verdicts> {
  const verdicts: Verdicts = new Map()
  const left = () => units.filter((unit) => !verdicts.has(unit))
  if (again) await findWritten(db, units, verdicts)
  const keyed = left().filter(({ idempotency }) => idempotency)
  if (keyed.length > 0) await judgeKeys(db, keyed, now, verdicts)
  await judgeWaiting(db, left())
  return verdicts
}

async function findWritten(db: Db, units: readonly AcceptUnit[], verdicts: Verdicts): Promise<void> {
  const all = units.flatMap(({ messages }) => messages)
  const numbers = await existingMessages(db, all)
  for (const unit of units) if (unit.messages.some(({ id }) => numbers.has(id))) verdicts.set(unit, { kind: 'written', numbers })
}

/** Counts what waits in the database and in this very batch. */
async function judgeWaiting(db: Db, units: readonly AcceptUnit[]): Promise<void> {
  const waiting = new Map<string, number>()
  for (const unit of units) {
    const { workspaceId, waitingMost } = unit
    const more = unit.messages.filter(({ sendAt }) => sendAt).length
    if (waitingMost === undefined || more === 0) continue
    const before = waiting.get(workspaceId) ?? (await countWaiting(db, workspaceId, waitingMost))
    if (before + more > waitingMost) throw tooManyWait(waitingMost, 'sendAt') // bisecting leaves the unit alone with its error
    waiting.set(workspaceId, before + more)
  }
}

async function judgeKeys(db: Db, keyed: readonly AcceptUnit[], now: Date, verdicts: Verdicts): Promise<void> {
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

import type { Context } from '#kit/context'
import { sqlState } from '#kit/db'
import { DomainError } from '#kit/errors'
import { beginWait, endWait, findKey, type KnownKey, takeKey, updateAnswer } from './key.store.ts'

/** fresh: the effect is ours to make; replay: it was made, this was the answer; conflict: the key was used with another request. */
export type Claim = { kind: 'fresh' } | { kind: 'replay'; status: number; answer: unknown } | { kind: 'conflict' }

export const WAIT_MS = 10_000
const LOCK_TIMED_OUT = '55P03'

export type Claimed = { key: string; fingerprint: Buffer }

/**
 * Takes an Idempotency-Key within the open transaction, which also makes the effect: both are there or neither. A request under the same key
 * that is still running is waited for, 10 s at most; then throws `in_progress` (and the transaction is lost). Keys live for 24 hours.
 */
export async function claimKey(ctx: Context, { key, fingerprint }: Claimed): Promise<Claim> {
  if (!ctx.transaction) throw new Error('a key is claimed within the transaction of its effect')
  await beginWait(ctx.db, WAIT_MS)
  const isTaken = await takeKey(ctx.db, { workspaceId: ctx.workspaceId, key, fingerprint, now: ctx.now() }).catch((error: unknown) => {
    if (sqlState(error) !== LOCK_TIMED_OUT) throw error
    throw new DomainError('in_progress', 'The first request with this Idempotency-Key is still running')
  })
  await endWait(ctx.db)
  if (isTaken) return { kind: 'fresh' }
  return answerOf(ctx, await findKey(ctx.db, ctx.workspaceId, key), fingerprint)
}

export function answerOf(ctx: Pick<Context, 'ports'>, known: KnownKey | undefined, fingerprint: Buffer): Claim {
  if (!known?.fingerprint.equals(fingerprint) || known.status === undefined || known.answer === undefined) return { kind: 'conflict' }
  return { kind: 'replay', status: known.status, answer: JSON.parse(ctx.ports.secretBox.open(known.answer)) }
}

/** Remembers the answer of a claimed key, sealed: it may hold a secret that is shown once. */
export async function completeKey(ctx: Context, { key, status, answer }: { key: string; status: number; answer: unknown }): Promise<void> {
  const sealed = ctx.ports.secretBox.seal(JSON.stringify(answer ?? null))
  await updateAnswer(ctx.db, ctx.workspaceId, { key, status, answer: sealed })
}

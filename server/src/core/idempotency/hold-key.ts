import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import { withTransaction } from '#kit/operation'
import { answerOf, type Claim, type Claimed, WAIT_MS } from './claim-key.ts'
import { deleteHeld, findKey, insertHeld } from './key.store.ts'

const LOOK_EVERY_MS = 200

/**
 * Takes an Idempotency-Key ahead of the transaction, for a deed that a network does: two at once must not both do it. fresh: it is the caller's,
 * who ends it with completeKey or releaseKey; should he die, it is free a minute later. A request under the same key that is still running is
 * waited for, 10 s at most; then throws `in_progress`.
 */
export async function holdKey(ctx: Context, { key, fingerprint }: Claimed): Promise<Claim> {
  const { workspaceId } = ctx
  for (const end = performance.now() + WAIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    const known = await withTransaction(ctx, async ({ db }) => {
      const isTaken = await insertHeld(db, { workspaceId, key, fingerprint, now: ctx.now() })
      return isTaken ? 'mine' : findKey(db, workspaceId, key)
    })
    if (known === 'mine') return { kind: 'fresh' }
    if (known && !(known.isHeld && known.fingerprint.equals(fingerprint))) return answerOf(ctx, known, fingerprint)
    if (performance.now() > end) throw new DomainError('in_progress', 'The first request with this Idempotency-Key is still running')
  }
}

/** Nothing was done under a key that was held: it is free again. */
export const releaseKey = (ctx: Context, { key, fingerprint }: Claimed): Promise<void> =>
  withTransaction(ctx, ({ db }) => deleteHeld(db, { workspaceId: ctx.workspaceId, key, fingerprint }))

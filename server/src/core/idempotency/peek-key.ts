import type { Context } from '#kit/context'
import { withTransaction } from '#kit/operation'
import { answerOf, type Claim, type Claimed } from './claim-key.ts'
import { findLiveKey } from './key.store.ts'

/** What claimKey would answer now, without taking the key: a repeat can be answered before anything is prepared for it. */
export async function peekKey(ctx: Context, claimed: Claimed): Promise<Claim> {
  const { workspaceId } = ctx
  const known = await withTransaction(ctx, (inside) => findLiveKey(inside.db, { workspaceId, key: claimed.key, now: ctx.now() }))
  return known ? answerOf(ctx, known, claimed.fingerprint) : { kind: 'fresh' }
}

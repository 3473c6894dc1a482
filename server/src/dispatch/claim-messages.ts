import { type Database, inTransaction, unawaited } from '#kit/db'
import { newId } from '#kit/ids'
import { type Leased, leaseRows, lockReadyQueues, moveQueuesOn, type Share, spendTokens } from './claim.store.ts'
import { type Slots, shareRest, shareTokens, spend } from './share-tokens.ts'

export type Claim = {
  id: string
  rows: Leased[]
  at: Date
  /** performance.now() before the claim: what has not started 1 s later is given back. */
  monotonic: number
}

/** An unstarted lease is free again after this; a started one is judged by its message. */
export const LEASE_MS = 5_000
const QUEUES_MOST = 200

type ClaimParts = { database: Database; node: string; now(): Date }

/** Leases due messages of ready queues and spends their channels' tokens; sends nothing. */
export async function claimMessages({ database, node, now }: ClaimParts, slots: Slots): Promise<Claim> {
  const monotonic = performance.now()
  return inTransaction(database.engine, { relaxed: true }, async (db) => {
    const at = now()
    const lease = { claim: newId(), now: at, until: new Date(at.getTime() + LEASE_MS) }
    const ready = await lockReadyQueues(db, { node, now: at, limited: slots.limited }, QUEUES_MOST)
    if (ready.length === 0) return { id: lease.claim, rows: [], at, monotonic }
    const shares = shareTokens(ready, slots)
    const take = (wanted: readonly Share[], most: number) =>
      wanted.length > 0 && most > 0 ? leaseRows(db, wanted, lease, most) : Promise.resolve([])
    const rows = await take(
      shares.flatMap(({ first }) => first),
      slots.total,
    )
    const firsts = countBy(rows)
    const left = fromAnywhere(shares).flatMap((share) => shareRest(share, firsts.get(share.channelId) ?? 0))
    rows.push(...(await take(left, slots.total - rows.length)))
    const counts = countBy(rows)
    const served = new Set(rows.map(({ queueId }) => queueId))
    const moved = ready.map(({ queueId }) => ({ id: queueId, served: served.has(queueId) }))
    unawaited(db, moveQueuesOn(db, moved, lease))
    const spent = shares.flatMap(({ channelId, queues: [bucket] }) => (bucket ? [spend(bucket, counts.get(channelId) ?? 0, at)] : []))
    unawaited(db, spendTokens(db, spent, at))
    return { id: lease.claim, rows, at, monotonic }
  })
}

/** Who comes first gets most of what is left: drawn, so that it is not always the same one. */
function fromAnywhere<One>(list: readonly One[]): One[] {
  const from = Math.floor(Math.random() * list.length)
  return [...list.slice(from), ...list.slice(0, from)]
}

function countBy(rows: readonly Leased[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { channelId } of rows) counts.set(channelId, (counts.get(channelId) ?? 0) + 1)
  return counts
}

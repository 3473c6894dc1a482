import { unchanged, writeChanges } from '#core/messages'
import type { Capabilities } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, inTransaction, unawaited } from '#kit/db'
import type { Claim } from './claim-messages.ts'
import { judgeStart, type StartRow, type Verdict } from './judge-start.ts'
import { returnTokens } from './pace.store.ts'
import { dropOrphans, lockConversations, lockStarts, takePairs, unparkFreed } from './start.store.ts'

export type Started = { row: StartRow; attempt: number; again: boolean }

type StartParts = {
  database: Database
  events: Ports['events']
  now(): Date
  /** undefined: the channel is gone or its kind is not open here. */
  capabilitiesOf(channelId: string): Capabilities | undefined
  reconcileMs: number
  reconcileMostMs: number
  listeningSince: Date
  touches: Ports['touches']
  ended(messageIds: readonly string[]): void
}

/** Starts what a claim leased: one commit after which these messages are on their way, and no others. */
export async function startMessages(parts: StartParts, claim: Claim): Promise<{ started: Started[]; verdicts: Verdict[] }> {
  const { rows, started, verdicts, raised, answered } = await inTransaction(parts.database.engine, {}, async (db) => {
    const paired = claim.rows.filter(({ channelId }) => parts.capabilitiesOf(channelId)?.pair)
    const pairIds = paired.map(({ conversationId }) => conversationId)
    if (pairIds.length > 0) unawaited(db, lockConversations(db, pairIds))
    const rows = await lockStarts(db, claim.rows, { id: claim.id, now: claim.at })
    const found = new Set(rows.map(({ id }) => id))
    const orphans = claim.rows.map(({ messageId }) => messageId).filter((id) => !found.has(id))
    if (orphans.length > 0) unawaited(db, dropOrphans(db, orphans))
    const verdicts = judgeAll(parts, rows)
    const pairs = verdicts.flatMap(({ change, pairFreeAt }) =>
      pairFreeAt ? [{ conversationId: change.after.conversationId, freeAt: pairFreeAt }] : [],
    )
    if (pairs.length > 0) unawaited(db, takePairs(db, pairs))
    const changes = verdicts.map(({ change }) => change).filter(({ events, work }) => events.length > 0 || work.is !== 'kept')
    const raised: RaisedEvent[] = changes.flatMap(({ events }) => events)
    const dues = writeChanges(db, changes, parts.events)
    const started = rows.flatMap((row, i) => {
      const verdict = verdicts[i]
      return verdict?.go ? [{ row, attempt: verdict.change.after.attempt, again: verdict.again ?? false }] : []
    })
    return { rows, started, verdicts, raised, answered: dues }
  })
  if (raised.length > 0) parts.events.hint(raised)
  const dues = await answered
  await freeParked(parts, rows, verdicts, dues)
  await giveBack(parts.database, claim, started)
  parts.touches.touchAll(dues)
  parts.ended(verdicts.filter(({ change, go }) => !go && change.work.is === 'done').map(({ change }) => change.after.id))
  return { started, verdicts }
}

/** Whoever parked behind a message that ended before the park was committed was seen by nobody: looks again. */
async function freeParked(
  parts: StartParts,
  rows: readonly StartRow[],
  verdicts: readonly Verdict[],
  dues: Map<number, Date>,
): Promise<void> {
  const behind = rows.filter((row, i) => {
    const work = verdicts[i]?.change.work
    return row.behind && work?.is === 'later' && work.parked
  })
  if (behind.length === 0) return
  const now = parts.now()
  for (const queueId of await unparkFreed(
    parts.database.engine,
    behind.map(({ id }) => id),
    now,
  ))
    dues.set(queueId, now)
}

/** What was claimed and did not start has spent a token for nothing. */
async function giveBack(database: Database, { rows, at }: Claim, started: readonly Started[]): Promise<void> {
  if (started.length === rows.length) return
  const begun = new Set(started.map(({ row }) => row.id))
  const counts = new Map<string, number>()
  for (const { messageId, channelId } of rows) if (!begun.has(messageId)) counts.set(channelId, (counts.get(channelId) ?? 0) + 1)
  await returnTokens(database.engine, counts, at)
}

/** Two messages of one pair in one claim: the second sees what the first took of the pair's limit. */
function judgeAll(parts: StartParts, rows: readonly StartRow[]): Verdict[] {
  const pairs = new Map<string, Date>()
  const { reconcileMs, reconcileMostMs, listeningSince } = parts
  const now = parts.now()
  return rows.map((row) => {
    const capabilities = parts.capabilitiesOf(row.channelId)
    if (!capabilities)
      return {
        change: {
          ...unchanged(row),
          work: { is: 'later', dueAt: new Date(now.getTime() + 30_000), held: false, parked: false },
        },
        go: false,
      }
    const pairFreeAt = pairs.get(row.conversationId) ?? row.pairFreeAt
    const verdict = judgeStart({ ...row, pairFreeAt }, { now, capabilities, reconcileMs, reconcileMostMs, listeningSince })
    if (verdict.pairFreeAt) pairs.set(row.conversationId, verdict.pairFreeAt)
    return verdict
  })
}

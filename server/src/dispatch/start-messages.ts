import type { Pacing } from '#core/channels'
import { unchanged, writeChanges } from '#core/messages'
import type { Capabilities } from '#core/transport'
import type { Ports, RaisedEvent } from '#kit/context'
import { type Database, type Db, inTransaction, unawaited } from '#kit/db'
import type { Claim } from './claim-messages.ts'
import { type ColdTurns, isFirst, openColdTurns } from './cold-turns.ts'
import { judgeStart, type StartRow, type Verdict } from './judge-start.ts'
import { lineUp } from './line-up.ts'
import { returnTokens } from './pace.store.ts'
import { dropOrphans, lockConversations, lockStarts, takePairs, unparkFreed } from './start.store.ts'

/** `isCold`: it counts among what its channel may send to people who never wrote to it; `pairSeconds`: what it took of its pair's time. */
export type Started = { row: StartRow; attempt: number; again: boolean; isCold: boolean; pairSeconds: number | undefined }

type StartParts = {
  database: Database
  events: Ports['events']
  now(): Date
  /** undefined: the channel is gone or its kind is not open here. */
  capabilitiesOf(channelId: string): Capabilities | undefined
  /** What is started of it can leave from here. */
  isReady(channelId: string): boolean
  /** How an own number paces itself; undefined: it is none. */
  pacingOf(channelId: string): Pacing | undefined
  reconcileMs: number
  reconcileMostMs: number
  listeningSince: Date
  touches: Ports['touches']
  ended(messageIds: readonly string[]): void
}

/** Starts what a claim leased: one commit after which these messages are on their way, and no others. */
export async function startMessages(parts: StartParts, claim: Claim): Promise<{ started: Started[]; verdicts: Verdict[] }> {
  const { rows, started, verdicts, raised, answered } = await inTransaction(parts.database.engine, {}, (db) =>
    startWithin(db, parts, claim),
  )
  if (raised.length > 0) parts.events.hint(raised)
  const dues = await answered
  await freeParked(parts, rows, verdicts, dues)
  await giveBack(parts.database, claim, started)
  await lineUpOthers(parts, claim, verdicts)
  parts.touches.touchAll(dues)
  parts.ended(verdicts.filter(({ change, go }) => !go && change.work.is === 'done').map(({ change }) => change.after.id))
  return { started, verdicts }
}

async function startWithin(db: Db, parts: StartParts, claim: Claim) {
  const channelIds = claim.rows.map(({ channelId }) => channelId)
  const cold = await openColdTurns(db, parts, channelIds)
  const rows = await lockRows(db, parts, claim)
  await cold?.look(rows)
  const verdicts = judgeAll(parts, rows, cold)
  const pairs = verdicts.flatMap(({ change, pairFreeAt }) =>
    pairFreeAt ? [{ conversationId: change.after.conversationId, freeAt: pairFreeAt }] : [],
  )
  if (pairs.length > 0) unawaited(db, takePairs(db, pairs))
  cold?.write()
  const changes = verdicts.map(({ change }) => change).filter(({ events, work }) => events.length > 0 || work.is !== 'kept')
  const raised: RaisedEvent[] = [...(cold?.raised ?? []), ...changes.flatMap(({ events }) => events)]
  // whose guard has just stopped it keeps a message in line: there is a change to go with its event
  const append: Ports['events']['append'] = (tx) => parts.events.append(tx, raised)
  const answered = writeChanges(db, changes, { ...parts.events, append })
  const started = rows.flatMap((row, i): Started[] => {
    const verdict = verdicts[i]
    if (!verdict?.go) return []
    return [
      {
        row,
        attempt: verdict.change.after.attempt,
        again: verdict.again ?? false,
        isCold: verdict.isCold ?? false,
        pairSeconds: verdict.pairFreeAt && parts.capabilitiesOf(row.channelId)?.pair?.everySeconds,
      },
    ]
  })
  return { rows, started, verdicts, raised, answered }
}

/** Who had to wait for the rules for cold contacts is seldom alone. */
async function lineUpOthers(parts: StartParts, claim: Claim, verdicts: readonly Verdict[]): Promise<void> {
  const waiting = new Set(verdicts.filter(({ isCold, go }) => isCold && !go).map(({ change }) => change.after.id))
  if (waiting.size === 0) return
  const rows = claim.rows.filter(({ messageId }) => waiting.has(messageId))
  const lines = { channelIds: rows.map(({ channelId }) => channelId), queueIds: [...new Set(rows.map(({ queueId }) => queueId))] }
  await lineUp(parts.database.engine, lines, parts.now())
}

/** What was leased and is still there; the conversations that matter are locked before. */
async function lockRows(db: Db, parts: StartParts, claim: Claim): Promise<StartRow[]> {
  // of those with a pair limit; and whoever writes at this moment is cold no more, or finds his message in line
  const guarded = claim.rows.filter(({ channelId }) => parts.capabilitiesOf(channelId)?.pair || parts.pacingOf(channelId))
  const conversationIds = guarded.map(({ conversationId }) => conversationId)
  if (conversationIds.length > 0) unawaited(db, lockConversations(db, conversationIds))
  const rows = await lockStarts(db, claim.rows, { id: claim.id, now: claim.at })
  const found = new Set(rows.map(({ id }) => id))
  const orphans = claim.rows.map(({ messageId }) => messageId).filter((id) => !found.has(id))
  if (orphans.length > 0) unawaited(db, dropOrphans(db, orphans))
  return rows
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

/** Two messages of one pair, or two cold ones of one channel, in one claim: the second sees what the first took. */
function judgeAll(parts: StartParts, rows: readonly StartRow[], cold: ColdTurns | undefined): Verdict[] {
  const pairs = new Map<string, Date>()
  const { reconcileMs, reconcileMostMs, listeningSince } = parts
  const now = parts.now()
  return rows.map((row): Verdict => {
    if (!row.leased) return { change: unchanged(row), go: false }
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
    const isReady = parts.isReady(row.channelId)
    const turn = isFirst(row) && isReady ? cold?.turnOf(row) : undefined
    const verdict = judgeStart(
      { ...row, pairFreeAt, cold: turn },
      { now, capabilities, isReady, reconcileMs, reconcileMostMs, listeningSince },
    )
    if (verdict.pairFreeAt) pairs.set(row.conversationId, verdict.pairFreeAt)
    if (verdict.go && isFirst(row)) cold?.began(row)
    return { ...verdict, isCold: turn !== undefined }
  })
}

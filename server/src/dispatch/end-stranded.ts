import { applyWindowOver, type Change, fail, unchanged, writeChanges } from '#core/messages'
import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { overByTime } from './judge-start.ts'
import { lockStranded, readWaiting, type Stranded, type WaitingPlace } from './stranded.store.ts'

type Parts = { database: Database; events: Ports['events']; now(): Date }

const PAGE = 1_000
/** Nobody waits for these ends: however much is stopped, the house has a bounded piece of it a look. */
const PIECE_MS = 1_000

/** Ends what waits in vain for a channel that is stopped, a piece at every call, and then from the beginning again. */
export function openStrandedEnds(parts: Parts): () => Promise<void> {
  let after: WaitingPlace | undefined
  return async () => {
    const until = performance.now() + PIECE_MS
    do after = await endPage(parts, after)
    while (after && performance.now() < until)
  }
}

/** Answers where to go on; undefined: there is nothing more. */
async function endPage({ database, events, now }: Parts, after: WaitingPlace | undefined): Promise<WaitingPlace | undefined> {
  const rows = await readWaiting(database.engine, { now: now(), after }, PAGE)
  if (rows.length === 0) return undefined
  const changes = await inTransaction(database.engine, {}, async (db) => {
    const at = now()
    const changes = (await lockStranded(db, rows, at)).map((message) => endOf(message, at))
    await writeChanges(db, changes, events)
    return changes
  })
  if (changes.length > 0) events.hint(changes.flatMap((change) => change.events))
  return rows.length === PAGE ? rows.at(-1) : undefined
}

function endOf(message: Stranded, at: Date): Change {
  if (message.state === 'sending') return applyWindowOver(unchanged({ ...message, onUnknown: 'fail' }), at).change
  const failure = message.isDeleted
    ? { reason: 'Its channel was deleted before it could be sent', advice: 'Send it again over another channel.' }
    : { reason: 'Its channel stayed closed for longer than it may be late', advice: 'Connect the channel and send it again.' }
  return overByTime(message, at) ?? fail(unchanged(message), { code: 'channel_closed', ...failure }, at, 'expired')
}

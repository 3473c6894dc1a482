import { type Db, inTransaction } from '#kit/db'
import { expectCalls, findDue, joinLine, lockStrangers } from './line.store.ts'

/** Of each queue, at once. */
const MOST = 500

type Lines = { channelIds: readonly string[]; queueIds: readonly number[] }

/** Whatever is due behind a cold message that had to wait, and is cold as well, joins its line at once: each would need a claim and a token to be told the same. */
export const lineUp = (engine: Db, { channelIds, queueIds }: Lines, now: Date): Promise<void> =>
  inTransaction(engine, {}, async (db) => {
    await expectCalls(db, channelIds, now)
    const due = await findDue(db, queueIds, now, MOST)
    const strangers = await lockStrangers(
      db,
      due.map(({ conversationId }) => conversationId),
    )
    const cold = due.filter(({ conversationId }) => strangers.has(conversationId))
    if (cold.length > 0) await joinLine(db, cold, now)
  })

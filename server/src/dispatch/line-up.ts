import { type Db, inTransaction } from '#kit/db'
import { expectCalls, joinLine, lockStrangers } from './line.store.ts'

export type Lines = { channelIds: readonly string[]; queueIds: readonly number[] }

/** Whatever is due behind a cold message that had to wait, and is cold as well, joins its line at once: each would need a claim and a token to be told the same. */
export const lineUp = (engine: Db, { channelIds, queueIds }: Lines, now: Date): Promise<void> =>
  inTransaction(engine, {}, async (db) => {
    await expectCalls(db, channelIds, now)
    const conversationIds = await lockStrangers(db, queueIds, now)
    if (conversationIds.length > 0) await joinLine(db, { conversationIds, queueIds }, now)
  })

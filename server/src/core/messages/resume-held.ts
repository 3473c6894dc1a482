import { clearHold } from '#core/installations'
import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { expireHeld } from './expire-held.ts'
import { dropHeld, findHeld, releaseHeld } from './held.store.ts'

type Parts = { database: Database; events: Ports['events']; now(): Date }

const PAGE = 500

/** Ends a hold: what was held is sent now, or expires. Answers how many messages that were. */
export async function resumeHeld({ database, events, now }: Parts, choice: 'send' | 'expire'): Promise<number> {
  let count = 0
  if (choice === 'send') count = await inTransaction(database.db, {}, (db) => releaseHeld(db, now()))
  else {
    for (;;) {
      const held = await findHeld(database.db, PAGE)
      if (held.length === 0) break
      await expireHeld({ database, events, now }, held)
      await inTransaction(database.db, {}, (db) =>
        dropHeld(
          db,
          held.map(({ id }) => id),
        ),
      )
      count += held.length
    }
  }
  await inTransaction(database.db, {}, clearHold)
  return count
}

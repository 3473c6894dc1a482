import { type Database, inTransaction } from '#kit/db'
import { holdDue, readIdentity, recordIdentity } from './installation.store.ts'

/** Holds everything that is due or begun until a person decides, as a start does by itself when it finds another database. Answers how many messages that are. */
export async function holdInstallation(database: Database, now: Date): Promise<number> {
  return inTransaction(database.db, {}, async (db) => {
    const held = await holdDue(db, now)
    await recordIdentity(db, await readIdentity(db), now)
    return held
  })
}

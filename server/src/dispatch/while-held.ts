import { isHeld, type SessionRef } from '#core/channels'
import type { Database, Db } from '#kit/db'

/** Another process has the session now. */
export class NotHeld extends Error {}

/** The database for whoever holds a session: each of his transactions throws NotHeld unless he still does, and until it ends nobody takes over. */
export function whileHeld(database: Database, session: SessionRef): Database {
  const admit = async (tx: Db) => {
    if (!(await isHeld(tx, session))) throw new NotHeld()
  }
  return { ...database, db: { ...database.db, admit }, engine: { ...database.engine, admit } }
}

import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import type { Logger } from '#kit/log'
import { findInstallation, holdDue, insertInstallation, readIdentity, recordIdentity } from './installation.store.ts'

export type Installation = { id: string; heldSince: Date | undefined }

/** Who this house is. On a database that is not the one last seen (a restore, a copy), what was due before now is held for a person. */
export async function openInstallation(database: Database, now: Date, log: Logger): Promise<Installation> {
  return inTransaction(database.db, {}, async (db) => {
    const identity = await readIdentity(db)
    await insertInstallation(db, newId(), identity)
    const known = await findInstallation(db)
    if (!known) throw new Error('the installation could not be read')
    const same = known.systemIdentifier === identity.systemIdentifier && known.timeline === identity.timeline
    if (same) return { id: known.id, heldSince: known.heldSince ?? undefined }
    const held = await holdDue(db, now)
    await recordIdentity(db, identity, now)
    log.warn({ held }, 'this is not the database last seen: what was due before now is held; `chasqui resume --send` or `--expire` decides')
    return { id: known.id, heldSince: now }
  })
}

import { all, type Db, run, sql } from '#kit/db'

/** Lets what was held go on from now, in order. */
export async function releaseHeld(db: Db, now: Date): Promise<number> {
  return run(
    db,
    sql`update outbox set due_at = ${now}, held_since = null, details = details - 'heldFrom' where kind = 'send' and details ? 'heldFrom'`,
  )
}

export async function findHeld(db: Db, most: number): Promise<{ workspaceId: string; id: string }[]> {
  return all(
    db,
    sql<{
      workspaceId: string
      id: string
    }>`select workspace_id as "workspaceId", subject as id from outbox where kind = 'send' and details ? 'heldFrom' limit ${most}`,
  )
}

/** Held work of messages that had come to their end already. */
export async function dropHeld(db: Db, ids: readonly string[]): Promise<void> {
  await run(db, sql`delete from outbox where kind = 'send' and subject = any(${ids}::uuid[])`)
}

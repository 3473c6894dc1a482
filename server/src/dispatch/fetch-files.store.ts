import { all, type Db, run, sql } from '#kit/db'

export type Fetch = { messageId: string; workspaceId: string; attempt: number }

/** Leases files to fetch, the longest waiting first. */
export async function leaseFetches(db: Db, lease: { now: Date; until: Date }, most: number): Promise<Fetch[]> {
  return all(
    db,
    sql<Fetch>`
    with due as (
      select o.subject from outbox_tasks o where o.due_at <= ${lease.now} and (o.lease_until is null or o.lease_until <= ${lease.now})
      order by o.due_at limit ${most} for update skip locked
    )
    update outbox_tasks o set lease_until = ${lease.until}, attempt = o.attempt + 1 from due d where o.subject = d.subject
    returning o.subject as "messageId", o.workspace_id as "workspaceId", o.attempt`,
  )
}

/** The message has its file now, or the word why it never will; the work is done. */
export async function endFetch(
  db: Db,
  { messageId, workspaceId }: Fetch,
  found: { mediaId: string } | { mediaMissing: string },
): Promise<void> {
  await run(
    db,
    sql`update messages set content = content || ${JSON.stringify(found)}::jsonb where workspace_id = ${workspaceId} and id = ${messageId}`,
  )
  await dropFetch(db, messageId)
}

export async function dropFetch(db: Db, messageId: string): Promise<void> {
  await run(db, sql`delete from outbox where kind = 'task' and subject = ${messageId}`)
}

export async function delayFetch(db: Db, messageId: string, dueAt: Date): Promise<void> {
  await run(db, sql`update outbox_tasks set due_at = ${dueAt}, lease_until = null where subject = ${messageId}`)
}

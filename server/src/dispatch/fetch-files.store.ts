import { all, type Db, json, run, sql } from '#kit/db'

/** attempt: the number of this try, and the proof that its lease is still ours. */
export type Fetch = { messageId: string; workspaceId: string; attempt: number }

export type Lease = {
  now: Date
  until: Date
  most: number
  /** How many of each workspace. */
  each: number
  /** Not of these workspaces. */
  except: readonly string[]
}

/** As far as one looks along those that wait. */
const LOOKED_AT_MOST = 200

/** Leases files to fetch, the longest waiting first. */
export async function leaseFetches(db: Db, { now, until, most, each, except }: Lease): Promise<Fetch[]> {
  return all(
    db,
    sql<Fetch>`
    with due as (
      select o.subject, o.workspace_id, o.due_at from outbox_tasks o
      where o.due_at <= ${now} and (o.lease_until is null or o.lease_until <= ${now}) and o.workspace_id <> all(${except}::uuid[])
      order by o.due_at limit ${LOOKED_AT_MOST} for update skip locked
    ), ranked as (select subject, due_at, row_number() over (partition by workspace_id order by due_at) as place from due),
      taken as (select subject from ranked where place <= ${each} order by due_at limit ${most})
    update outbox_tasks o set lease_until = ${until}, attempt = o.attempt + 1 where o.kind = 'task' and o.subject = any(array(select subject from taken))
    returning o.subject as "messageId", o.workspace_id as "workspaceId", o.attempt`,
  )
}

/** The message has its file now, or the word why it never will; the work is done, and doors that wait for it hear so. False when the lease had ended: somebody else does it. */
export async function endFetch(db: Db, fetch: Fetch, found: { mediaId: string } | { mediaMissing: string }): Promise<boolean> {
  const { workspaceId, messageId } = fetch
  await run(db, sql`select 1 from messages where workspace_id = ${workspaceId} and id = ${messageId} for update`) // messages before outbox, as everywhere
  if ((await dropFetch(db, fetch)) === 0) return false
  await run(
    db,
    sql`update messages set content = content || ${json(found)}::jsonb where workspace_id = ${workspaceId} and id = ${messageId}`,
  )
  await run(db, sql`select pg_notify('chasqui_settled', ${messageId})`)
  return true
}

/** Answers how many rows there were: one, or none when the lease had ended. */
export async function dropFetch(db: Db, { messageId, attempt }: Fetch): Promise<number> {
  return run(db, sql`delete from outbox_tasks where kind = 'task' and subject = ${messageId} and attempt = ${attempt}`)
}

/** Tries again at that time. */
export async function delayFetch(db: Db, { messageId, attempt }: Fetch, dueAt: Date): Promise<void> {
  await run(
    db,
    sql`update outbox_tasks set due_at = ${dueAt}, lease_until = null where kind = 'task' and subject = ${messageId} and attempt = ${attempt}`,
  )
}

/** As if it had not been tried; again at that time. */
export async function giveBackFetch(db: Db, { messageId, attempt }: Fetch, dueAt: Date): Promise<void> {
  await run(
    db,
    sql`update outbox_tasks set attempt = attempt - 1, lease_until = null, due_at = ${dueAt} where kind = 'task' and subject = ${messageId} and attempt = ${attempt}`,
  )
}

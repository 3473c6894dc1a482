import { type Db, first, run, sql } from '#kit/db'

export type KeyUse = { workspaceId: string; key: string; fingerprint: Buffer; now: Date }

/** Bounds the wait for a request that is still running under the same key; counts until endWait(). */
export async function beginWait(db: Db, milliseconds: number): Promise<void> {
  await run(db, sql`select set_config('lock_timeout', ${String(milliseconds)}, true)`)
}

export async function endWait(db: Db): Promise<void> {
  await run(db, sql`set local lock_timeout to default`)
}

/** Takes a key that is free or over a day old; waits for another transaction that is taking it. False: it is in use. */
export async function takeKey(db: Db, { workspaceId, key, fingerprint, now }: KeyUse): Promise<boolean> {
  const taken = await run(
    db,
    sql`insert into idempotency_keys as k (workspace_id, key, fingerprint, created_at) values (${workspaceId}, ${key}, ${fingerprint}, ${now})
      on conflict (workspace_id, key) do update
        set fingerprint = excluded.fingerprint, subject = null, answer = null, status = null, created_at = excluded.created_at
        where k.created_at < ${now}::timestamptz - interval '24 hours'`,
  )
  return taken > 0
}

/** A key whose deed is being done ahead of its transaction has neither a subject nor a status. */
const HELD = sql`k.subject is null and k.status is null`

/** Takes a key that is free, over a day old, or was held by somebody who died. False: it is in use. */
export async function insertHeld(db: Db, { workspaceId, key, fingerprint, now }: KeyUse): Promise<boolean> {
  const taken = await run(
    db,
    sql`insert into idempotency_keys as k (workspace_id, key, fingerprint, created_at) values (${workspaceId}, ${key}, ${fingerprint}, ${now})
      on conflict (workspace_id, key) do update
        set fingerprint = excluded.fingerprint, subject = null, answer = null, status = null, created_at = excluded.created_at
        where k.created_at < ${now}::timestamptz - interval '24 hours' or (${HELD} and k.created_at < ${now}::timestamptz - interval '1 minute')`,
  )
  return taken > 0
}

export async function deleteHeld(db: Db, { workspaceId, key, fingerprint }: Omit<KeyUse, 'now'>): Promise<void> {
  await run(
    db,
    sql`delete from idempotency_keys k where k.workspace_id = ${workspaceId} and k.key = ${key} and k.fingerprint = ${fingerprint} and ${HELD}`,
  )
}

export type KnownKey = {
  fingerprint: Buffer
  subject: string | undefined
  status: number | undefined
  answer: Buffer | undefined
  isHeld: boolean
}

export async function findKey(db: Db, workspaceId: string, key: string): Promise<KnownKey | undefined> {
  const row = await first(
    db,
    sql<{ fingerprint: Buffer; subject: string | null; status: number | null; answer: Buffer | null }>`
      select fingerprint, subject, status, answer from idempotency_keys where workspace_id = ${workspaceId} and key = ${key}`,
  )
  if (!row) return undefined
  return {
    fingerprint: row.fingerprint,
    subject: row.subject ?? undefined,
    status: row.status ?? undefined,
    answer: row.answer ?? undefined,
    isHeld: row.subject === null && row.status === null,
  }
}

/** As findKey, outside the transaction of the effect: a key over a day old is free again. */
export async function findLiveKey(db: Db, { workspaceId, key, now }: Omit<KeyUse, 'fingerprint'>): Promise<KnownKey | undefined> {
  const row = await first(
    db,
    sql<{
      young: number
    }>`select 1 as young from idempotency_keys where workspace_id = ${workspaceId} and key = ${key} and created_at >= ${now}::timestamptz - interval '24 hours'`,
  )
  return row && findKey(db, workspaceId, key)
}

export async function updateAnswer(
  db: Db,
  workspaceId: string,
  { key, status, answer }: { key: string; status: number; answer: Buffer },
): Promise<void> {
  await run(
    db,
    sql`update idempotency_keys set status = ${status}, answer = ${answer} where workspace_id = ${workspaceId} and key = ${key}`,
  )
}

import { type Db, first, run, sql } from '#kit/db'

export type Identity = { systemIdentifier: string; timeline: number }
export type InstallationRow = { id: string; systemIdentifier: string; timeline: number; heldSince: Date | null }

/** Which database this really is: a restore or a copy has another timeline or another identifier. */
export async function readIdentity(db: Db): Promise<Identity> {
  const row = await first(
    db,
    sql<Identity>`select (select system_identifier::text from pg_control_system()) as "systemIdentifier", (select timeline_id from pg_control_checkpoint()) as timeline`,
  )
  return row ?? { systemIdentifier: '', timeline: 0 }
}

export async function findInstallation(db: Db): Promise<InstallationRow | undefined> {
  return first(
    db,
    sql<InstallationRow>`select id, system_identifier as "systemIdentifier", timeline, held_since as "heldSince" from installation`,
  )
}

export async function insertInstallation(db: Db, id: string, { systemIdentifier, timeline }: Identity): Promise<void> {
  await run(
    db,
    sql`insert into installation (id, system_identifier, timeline) values (${id}, ${systemIdentifier}, ${timeline}) on conflict do nothing`,
  )
}

export async function recordIdentity(db: Db, { systemIdentifier, timeline }: Identity, heldSince: Date | null): Promise<void> {
  await run(db, sql`update installation set system_identifier = ${systemIdentifier}, timeline = ${timeline}, held_since = ${heldSince}`)
}

/** Puts aside everything that was due, or begun, before now: it waits for a person, and holds up nobody behind it. */
export async function holdDue(db: Db, now: Date): Promise<number> {
  return run(
    db,
    sql`update outbox set details = coalesce(details, '{}') || jsonb_build_object('heldFrom', due_at), due_at = '9999-12-30', lease_until = null, claim = null, in_line = false,
        held_since = least(held_since, ${now}::timestamptz - interval '2 minutes')
      where kind = 'send' and (due_at <= ${now} or held_since is not null or in_line)`,
  )
}

/** Nothing is on hold any more. */
export async function clearHold(db: Db): Promise<void> {
  await run(db, sql`update installation set held_since = null`)
}

/** True once in an installation's life; two nodes that start together take turns. */
export async function claimFirstRun(db: Db): Promise<boolean> {
  return (await run(db, sql`update installation set first_run_at = chasqui_now() where first_run_at is null`)) === 1
}

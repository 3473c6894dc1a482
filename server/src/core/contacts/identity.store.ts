import type { Identity, IdentityKind } from '#core/addresses'
import { all, type Db, first, run, sql } from '#kit/db'

/** An identity with the contact that holds it. */
export type Held = Identity & { contactId: string; phone: string | undefined; profileName: string | undefined }

type HeldRow = { kind: IdentityKind; value: string; contact_id: string; phone: string | null; profile_name: string | null }

/** Those of the identities that somebody holds. */
export async function selectHeld(db: Db, workspaceId: string, identities: readonly Identity[]): Promise<Held[]> {
  const rows = await all(
    db,
    // lateral with a limit: one look into the index for each, whatever the planner thinks of the workspace's size
    sql<HeldRow>`select w.kind, w.value, i.contact_id, c.phone, c.profile_name
      from unnest(${identities.map(({ kind }) => kind)}::text[], ${identities.map(({ value }) => value)}::text[]) as w(kind, value)
      cross join lateral (
        select contact_id from contact_identities where workspace_id = ${workspaceId} and kind = w.kind and value = w.value limit 1
      ) i
      cross join lateral (select phone, profile_name from contacts where id = i.contact_id limit 1) c`,
  )
  return rows.map((row) => ({
    kind: row.kind,
    value: row.value,
    contactId: row.contact_id,
    phone: row.phone ?? undefined,
    profileName: row.profile_name ?? undefined,
  }))
}

/** Keeps contacts from being taken away, in the order of ids; answers how many are there. */
export async function shareContacts(db: Db, contactIds: readonly string[]): Promise<number> {
  const rows = await all(
    db,
    sql<{ id: string }>`select k.id from (select distinct id from unnest(${contactIds}::uuid[]) as k(id) order by id) k
      cross join lateral (select 1 from contacts where id = k.id limit 1 for key share) c`,
  )
  return rows.length
}

export type NewPerson = { contactId: string; phone: string | undefined; profileName: string | undefined; identities: readonly Identity[] }

/**
 * Writes new contacts with their identities, in the order of the identities so that two writers never wait for each other in a circle.
 * An identity that somebody else has just taken stays his; a person who got none of his is not written. Answers the identities that were taken.
 */
export async function insertPeople(
  db: Db,
  workspaceId: string,
  people: readonly NewPerson[],
): Promise<(Identity & { contactId: string })[]> {
  const rows = people.flatMap(({ contactId, identities }) => identities.map((identity) => ({ contactId, ...identity })))
  const taken = await all(
    db,
    sql<{ kind: IdentityKind; value: string; contact_id: string }>`
      with identity as (
        insert into contact_identities (workspace_id, kind, value, contact_id)
        select ${workspaceId}, w.kind, w.value, w.contact_id
        from unnest(${rows.map(({ kind }) => kind)}::text[], ${rows.map(({ value }) => value)}::text[], ${rows.map(({ contactId }) => contactId)}::uuid[]) as w(kind, value, contact_id)
        order by w.kind, w.value
        on conflict do nothing returning kind, value, contact_id
      ), contact as (
        insert into contacts (id, workspace_id, phone, profile_name, created_at, updated_at)
        select p.id, ${workspaceId}, p.phone, p.profile_name, n.at, n.at
        from unnest(${people.map(({ contactId }) => contactId)}::uuid[], ${people.map(({ phone }) => phone ?? null)}::text[], ${people.map(({ profileName }) => profileName ?? null)}::text[])
          as p(id, phone, profile_name), (select chasqui_now() as at) n
        where coalesce(p.id in (select contact_id from identity), false) -- wrapped, it is hashed instead of joined row by row
      )
      select kind, value, contact_id from identity`,
  )
  return taken.map(({ kind, value, contact_id }) => ({ kind, value, contactId: contact_id }))
}

/** Gives free identities to contacts; answers how many were still free. */
export async function insertIdentities(
  db: Db,
  workspaceId: string,
  identities: readonly (Identity & { contactId: string })[],
): Promise<number> {
  return run(
    db,
    sql`insert into contact_identities (workspace_id, kind, value, contact_id)
      select ${workspaceId}, w.kind, w.value, w.contact_id
      from unnest(${identities.map(({ kind }) => kind)}::text[], ${identities.map(({ value }) => value)}::text[], ${identities.map(({ contactId }) => contactId)}::uuid[]) as w(kind, value, contact_id)
      where exists (select 1 from contacts c where c.id = w.contact_id offset 0)
      order by w.kind, w.value on conflict do nothing`,
  )
}

export async function deleteIdentity(
  db: Db,
  workspaceId: string,
  { kind, value, contactId }: Identity & { contactId: string },
): Promise<void> {
  await run(
    db,
    sql`delete from contact_identities where workspace_id = ${workspaceId} and kind = ${kind} and value = ${value} and contact_id = ${contactId}`,
  )
}

export async function findHolder(db: Db, workspaceId: string, { kind, value }: Identity): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{
      contact_id: string
    }>`select contact_id from contact_identities where workspace_id = ${workspaceId} and kind = ${kind} and value = ${value}`,
  )
  return row?.contact_id
}

export type Profile = { contactId: string; phone: string | undefined; profileName: string | undefined }

/** Fills a missing phone, takes over what the person calls himself now. */
export async function updateProfiles(db: Db, workspaceId: string, profiles: readonly Profile[]): Promise<void> {
  await run(
    db,
    sql`with told as (
        select * from unnest(${profiles.map(({ contactId }) => contactId)}::uuid[], ${profiles.map(({ phone }) => phone ?? null)}::text[],
          ${profiles.map(({ profileName }) => profileName ?? null)}::text[]) as t(id, phone, profile_name)
      ), locked as (
        select t.* from (select * from told order by id) t
        cross join lateral (select 1 from contacts where id = t.id and workspace_id = ${workspaceId} limit 1 for update) c
      )
      update contacts c set phone = coalesce(c.phone, l.phone), profile_name = coalesce(l.profile_name, c.profile_name), updated_at = chasqui_now()
      from locked l where c.id = l.id`,
  )
}

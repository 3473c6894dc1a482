import type { RoadParticipant } from '#core/transport'
import { all, type Db, first, run, sql } from '#kit/db'
import type { Group, Participant } from './group.ts'

type OfGroup = Pick<Group, 'workspaceId' | 'id'>
type Address = { address: string }

/** Who was not there yet. */
export async function insertParticipants(
  db: Db,
  { workspaceId, id }: OfGroup,
  people: readonly RoadParticipant[],
  at: Date,
): Promise<string[]> {
  const rows = await all(
    db,
    sql<Address>`insert into group_participants (group_id, workspace_id, address, role, joined_at)
      select ${id}::uuid, ${workspaceId}::uuid, p.address, p.role, ${at}::timestamptz
      from unnest(${people.map(({ address }) => address)}::text[], ${people.map(({ role }) => role)}::text[]) as p (address, role)
      on conflict do nothing returning address`,
  )
  return rows.map(({ address }) => address)
}

/** Who was there. */
export async function deleteParticipants(db: Db, { workspaceId, id }: OfGroup, people: readonly string[]): Promise<string[]> {
  const rows = await all(
    db,
    sql<Address>`delete from group_participants where group_id = ${id} and workspace_id = ${workspaceId} and address = any(${people}::text[]) returning address`,
  )
  return rows.map(({ address }) => address)
}

/** Whose role it changed: an owner keeps his. */
export async function updateRoles(
  db: Db,
  { workspaceId, id }: OfGroup,
  people: readonly string[],
  role: 'member' | 'admin',
): Promise<string[]> {
  const rows = await all(
    db,
    sql<Address>`update group_participants set role = ${role} where group_id = ${id} and workspace_id = ${workspaceId} and address = any(${people}::text[])
      and role <> 'owner' and role <> ${role} returning address`,
  )
  return rows.map(({ address }) => address)
}

export const selectRoles = (db: Db, { workspaceId, id }: OfGroup): Promise<RoadParticipant[]> =>
  all(db, sql<RoadParticipant>`select address, role from group_participants where group_id = ${id} and workspace_id = ${workspaceId}`)

/** Who was known by his LID, and is by his number now, is the same. */
export async function renameParticipants(db: Db, { workspaceId, id }: OfGroup, people: readonly RoadParticipant[]): Promise<void> {
  const both = people.flatMap(({ address, lid }) => (lid === undefined ? [] : [{ address, lid }]))
  if (both.length === 0) return
  await run(
    db,
    sql`update group_participants p set address = n.address from unnest(${both.map(({ address }) => address)}::text[], ${both.map(({ lid }) => lid)}::text[]) as n (address, lid)
      where p.group_id = ${id} and p.workspace_id = ${workspaceId} and p.address = n.lid
      and not exists (select 1 from group_participants o where o.group_id = ${id} and o.address = n.address)`,
  )
}

/** Makes the list what the network says it is. */
export async function replaceParticipants(
  db: Db,
  { workspaceId, id }: OfGroup,
  people: readonly RoadParticipant[],
  at: Date,
): Promise<void> {
  const addresses = people.map(({ address }) => address)
  await run(
    db,
    sql`delete from group_participants where group_id = ${id} and workspace_id = ${workspaceId} and address <> all(${addresses}::text[])`,
  )
  await run(
    db,
    sql`insert into group_participants as p (group_id, workspace_id, address, role, joined_at)
      select distinct on (n.address) ${id}::uuid, ${workspaceId}::uuid, n.address, n.role, ${at}::timestamptz
      from unnest(${addresses}::text[], ${people.map(({ role }) => role)}::text[]) as n (address, role)
      on conflict (group_id, address) do update set role = excluded.role where p.role <> excluded.role`,
  )
}

type ParticipantRow = { address: string; role: Participant['role']; name: string | null; joined_at: Date }

/** Ordered by address. */
export async function selectParticipants(
  db: Db,
  { workspaceId, id }: OfGroup,
  { after = '', limit }: { after?: string | undefined; limit: number },
): Promise<Participant[]> {
  const rows = await all(
    db,
    sql<ParticipantRow>`select p.address, p.role, p.joined_at, coalesce(c.name, c.profile_name) as name from group_participants p
      left join contact_identities i on i.workspace_id = ${workspaceId} and i.kind = case when p.address like '+%' then 'phone' else 'lid' end and i.value = p.address
      left join contacts c on c.id = i.contact_id
      where p.group_id = ${id} and p.workspace_id = ${workspaceId} and p.address > ${after} order by p.address limit ${limit}`,
  )
  return rows.map(({ address, role, name, joined_at }) => ({ address, role, name: name ?? undefined, joinedAt: joined_at }))
}

export async function hasParticipant(db: Db, { workspaceId, id }: OfGroup, address: string): Promise<boolean> {
  const row = await first(
    db,
    sql`select 1 from group_participants where group_id = ${id} and workspace_id = ${workspaceId} and address = ${address}`,
  )
  return row !== undefined
}

import { all, type Db, first, json, run, sql } from '#kit/db'
import type { Audience, Member } from './audience.ts'

type OfAudience = Pick<Audience, 'workspaceId' | 'id'>

const COLUMNS = sql.raw('id, address, variables, added_at as "addedAt"')

export type NewMember = Pick<Member, 'id' | 'address' | 'variables'>

/** Whoever is there already stays as he is; answers how many are new. */
export async function insertMembers(db: Db, { workspaceId, id }: OfAudience, members: readonly NewMember[]): Promise<number> {
  return run(
    db,
    sql`insert into audience_members (audience_id, id, workspace_id, address, variables, added_at)
      select ${id}::uuid, m.id, ${workspaceId}::uuid, m.address, m.variables::jsonb, n.at
      from unnest(${members.map((one) => one.id)}::uuid[], ${members.map(({ address }) => address)}::text[], ${members.map(({ variables }) => json(variables))}::text[])
        as m (id, address, variables), (select chasqui_now() as at) n
      on conflict do nothing`,
  )
}

/** In the order of their coming. */
export async function selectMembers(
  db: Db,
  { workspaceId, id }: OfAudience,
  { after, limit, skip = 0 }: { after?: string | undefined; limit: number; skip?: number | undefined },
): Promise<Member[]> {
  const beyond = after === undefined ? sql`` : sql`and id > ${after}`
  return all(
    db,
    sql<Member>`select ${COLUMNS} from audience_members where audience_id = ${id} and workspace_id = ${workspaceId} ${beyond} order by id limit ${limit} offset ${skip}`,
  )
}

export async function findMember(db: Db, { workspaceId, id }: OfAudience, memberId: string): Promise<Member | undefined> {
  return first(
    db,
    sql<Member>`select ${COLUMNS} from audience_members where audience_id = ${id} and id = ${memberId} and workspace_id = ${workspaceId}`,
  )
}

export async function findMemberAt(db: Db, { workspaceId, id }: OfAudience, address: string): Promise<Member | undefined> {
  return first(
    db,
    sql<Member>`select ${COLUMNS} from audience_members where audience_id = ${id} and address = ${address} and workspace_id = ${workspaceId}`,
  )
}

export async function updateMemberRow(
  db: Db,
  { workspaceId, id }: OfAudience,
  { id: memberId, address, variables }: Member,
): Promise<void> {
  await run(
    db,
    sql`update audience_members set address = ${address}, variables = ${json(variables)}::jsonb
      where audience_id = ${id} and id = ${memberId} and workspace_id = ${workspaceId}`,
  )
}

export async function deleteMember(db: Db, { workspaceId, id }: OfAudience, memberId: string): Promise<boolean> {
  return (
    (await run(db, sql`delete from audience_members where audience_id = ${id} and id = ${memberId} and workspace_id = ${workspaceId}`)) > 0
  )
}

/** Every word that any of them has, in alphabetical order. */
export async function selectVariableNames(db: Db, { workspaceId, id }: OfAudience): Promise<string[]> {
  const rows = await all(
    db,
    sql<{
      name: string
    }>`select distinct name from audience_members, jsonb_object_keys(variables) as name where audience_id = ${id} and workspace_id = ${workspaceId} order by name`,
  )
  return rows.map(({ name }) => name)
}

/** Takes people out of every audience of the workspace, deleted ones too. */
export async function forgetMembers(db: Db, workspaceId: string, addresses: readonly string[]): Promise<void> {
  await run(
    db,
    sql`with locked as (
        select id from audiences where workspace_id = ${workspaceId}
          and id in (select audience_id from audience_members where workspace_id = ${workspaceId} and address = any(${addresses}::text[])) order by id for update),
      gone as (
        delete from audience_members m using locked l where m.audience_id = l.id and m.workspace_id = ${workspaceId} and m.address = any(${addresses}::text[]) returning m.audience_id),
      counted as (select audience_id, count(*)::integer as count from gone group by 1)
      update audiences a set member_count = a.member_count - c.count, updated_at = chasqui_now() from counted c where a.id = c.audience_id`,
  )
}

import { all, type Db, first, run, sql } from '#kit/db'
import type { Audience } from './audience.ts'

const COLUMNS = sql.raw(
  'id, number, workspace_id as "workspaceId", name, member_count as "memberCount", created_at as "createdAt", updated_at as "updatedAt"',
)

export async function insertAudience(db: Db, { id, workspaceId, name }: Pick<Audience, 'id' | 'workspaceId' | 'name'>): Promise<void> {
  await run(
    db,
    sql`insert into audiences (id, workspace_id, name, created_at, updated_at)
      select ${id}, ${workspaceId}, ${name}, n.at, n.at from (select chasqui_now() as at) n`,
  )
}

export async function findAudience(db: Db, workspaceId: string, id: string): Promise<Audience | undefined> {
  return first(
    db,
    sql<Audience>`select ${COLUMNS} from audiences where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null`,
  )
}

/** Its row is the caller's until the end of the transaction: members come and go one request at a time. */
export async function lockAudience(db: Db, workspaceId: string, id: string): Promise<Audience | undefined> {
  return first(
    db,
    sql<Audience>`select ${COLUMNS} from audiences where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null for update`,
  )
}

type Search = { order: 'newest' | 'oldest'; after: string | undefined; limit: number; skip: number | undefined }

export async function selectAudiences(db: Db, workspaceId: string, { order, after, limit, skip = 0 }: Search): Promise<Audience[]> {
  const beyond = after === undefined ? sql`` : order === 'newest' ? sql`and id < ${after}` : sql`and id > ${after}`
  return all(
    db,
    sql<Audience>`select ${COLUMNS} from audiences where workspace_id = ${workspaceId} and deleted_at is null ${beyond}
      order by id ${sql.raw(order === 'newest' ? 'desc' : 'asc')} limit ${limit} offset ${skip}`,
  )
}

export async function countAudiences(db: Db, workspaceId: string): Promise<number> {
  const row = await first(
    db,
    sql<{ total: number }>`select count(*)::integer as total from audiences where workspace_id = ${workspaceId} and deleted_at is null`,
  )
  return row?.total ?? 0
}

/** Of a row that the caller holds. */
export async function updateAudienceRow(db: Db, { workspaceId, id, name, memberCount }: Audience): Promise<Audience | undefined> {
  return first(
    db,
    sql<Audience>`update audiences set name = ${name}, member_count = ${memberCount}, updated_at = chasqui_now()
      where workspace_id = ${workspaceId} and id = ${id} returning ${COLUMNS}`,
  )
}

export async function hideAudience(db: Db, { workspaceId, id }: Pick<Audience, 'workspaceId' | 'id'>): Promise<void> {
  await run(db, sql`update audiences set deleted_at = chasqui_now() where workspace_id = ${workspaceId} and id = ${id}`)
}

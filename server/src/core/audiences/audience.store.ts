import { all, type Db, first, run, sql } from '#kit/db'
import type { Audience } from './audience.ts'

const COLUMNS = sql.raw(
  'id, number, workspace_id as "workspaceId", name, member_count as "memberCount", created_at as "createdAt", updated_at as "updatedAt"',
)

/** `forCampaign`: of one campaign alone, listed nowhere. */
export async function insertAudience(
  db: Db,
  { id, workspaceId, name }: Pick<Audience, 'id' | 'workspaceId' | 'name'>,
  forCampaign = false,
): Promise<Audience> {
  const row = await first(
    db,
    sql<Audience>`insert into audiences (id, workspace_id, name, for_campaign, created_at, updated_at)
      select ${id}, ${workspaceId}, ${name}, ${forCampaign}, n.at, n.at from (select chasqui_now() as at) n returning ${COLUMNS}`,
  )
  if (!row) throw new Error('the audience was not written')
  return row
}

export async function findAudience(db: Db, workspaceId: string, id: string): Promise<Audience | undefined> {
  return first(
    db,
    sql<Audience>`select ${COLUMNS} from audiences where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null and not for_campaign`,
  )
}

/** Its row is the caller's until the end of the transaction: members come and go one request at a time. */
export async function lockAudience(db: Db, workspaceId: string, id: string): Promise<Audience | undefined> {
  return first(
    db,
    sql<Audience>`select ${COLUMNS} from audiences where workspace_id = ${workspaceId} and id = ${id} and deleted_at is null and not for_campaign for update`,
  )
}

type Search = { order: 'newest' | 'oldest'; after: string | undefined; limit: number; skip: number | undefined }

export async function selectAudiences(db: Db, workspaceId: string, { order, after, limit, skip = 0 }: Search): Promise<Audience[]> {
  const beyond = after === undefined ? sql`` : order === 'newest' ? sql`and id < ${after}` : sql`and id > ${after}`
  return all(
    db,
    sql<Audience>`select ${COLUMNS} from audiences where workspace_id = ${workspaceId} and deleted_at is null and not for_campaign ${beyond}
      order by id ${sql.raw(order === 'newest' ? 'desc' : 'asc')} limit ${limit} offset ${skip}`,
  )
}

export async function countAudiences(db: Db, workspaceId: string): Promise<number> {
  const row = await first(
    db,
    sql<{
      total: number
    }>`select count(*)::integer as total from audiences where workspace_id = ${workspaceId} and deleted_at is null and not for_campaign`,
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

/** Takes an audience of one campaign alone away; any other stays. */
export async function hideIfOwn(db: Db, workspaceId: string, id: string): Promise<void> {
  await run(db, sql`update audiences set deleted_at = chasqui_now() where workspace_id = ${workspaceId} and id = ${id} and for_campaign`)
}

/** Whether a campaign that has not ended takes its people from here. */
export async function isInUse(db: Db, { workspaceId, id }: Pick<Audience, 'workspaceId' | 'id'>): Promise<boolean> {
  const row = await first(
    db,
    sql`select 1 from campaigns where workspace_id = ${workspaceId} and audience_id = ${id} and state = any(array['scheduled', 'running', 'paused']) limit 1`,
  )
  return row !== undefined
}

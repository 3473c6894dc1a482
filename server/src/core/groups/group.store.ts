import { all, type Db, first, type RawBuilder, run, sql } from '#kit/db'
import type { Group } from './group.ts'

type GroupRow = {
  id: string
  workspace_id: string
  channel_id: string
  address: string
  name: string | null
  description: string | null
  owner: string | null
  only_admins_write: boolean
  only_admins_edit: boolean
  picture_id: string | null
  participant_count: number
  founded_at: Date | null
  left_at: Date | null
  last_message_at: Date | null
  created_at: Date
  updated_at: Date
}

const COLUMNS =
  sql.raw(`g.id, g.workspace_id, g.channel_id, g.address, g.name, g.description, g.owner, g.only_admins_write, g.only_admins_edit, g.picture_id, g.participant_count,
  g.founded_at, g.left_at, g.created_at, g.updated_at, (select c.last_message_at from conversations c where c.channel_id = g.channel_id and c.address = g.address) as last_message_at`)

const toGroup = (row: GroupRow): Group => ({
  id: row.id,
  workspaceId: row.workspace_id,
  channelId: row.channel_id,
  address: row.address,
  name: row.name ?? undefined,
  description: row.description ?? undefined,
  owner: row.owner ?? undefined,
  onlyAdminsWrite: row.only_admins_write,
  onlyAdminsEdit: row.only_admins_edit,
  pictureId: row.picture_id ?? undefined,
  participantCount: row.participant_count,
  foundedAt: row.founded_at ?? undefined,
  leftAt: row.left_at ?? undefined,
  lastMessageAt: row.last_message_at ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** A channel that is deleted has no groups any more. */
const OF_A_CHANNEL = sql.raw('exists (select 1 from channels h where h.id = g.channel_id and h.deleted_at is null)')

export async function findGroups(db: Db, workspaceId: string, ids: readonly string[]): Promise<Group[]> {
  const rows = await all(
    db,
    sql<GroupRow>`select ${COLUMNS} from groups g where g.workspace_id = ${workspaceId} and g.id = any(${ids}::uuid[]) and ${OF_A_CHANNEL}`,
  )
  return rows.map(toGroup)
}

/** Two channels may be in one group: the one that still is comes first, then the older. */
export async function findGroupAt(db: Db, workspaceId: string, address: string): Promise<Group | undefined> {
  const row = await first(
    db,
    sql<GroupRow>`select ${COLUMNS} from groups g where g.workspace_id = ${workspaceId} and g.address = ${address} and ${OF_A_CHANNEL}
      order by g.left_at is not null, g.id limit 1`,
  )
  return row && toGroup(row)
}

/** For a road, which knows its own channel. */
export async function findGroupOf(db: Db, channelId: string, address: string): Promise<Group | undefined> {
  const row = await first(db, sql<GroupRow>`select ${COLUMNS} from groups g where g.channel_id = ${channelId} and g.address = ${address}`)
  return row && toGroup(row)
}

/** The caller's until the end of the transaction; made when there is none. */
export async function lockGroup(
  db: Db,
  { id, workspaceId, channelId, address }: Pick<Group, 'id' | 'workspaceId' | 'channelId' | 'address'>,
): Promise<{ group: Group; created: boolean }> {
  const made = await run(
    db,
    sql`insert into groups (id, workspace_id, channel_id, address, created_at, updated_at)
      values (${id}, ${workspaceId}, ${channelId}, ${address}, chasqui_now(), chasqui_now()) on conflict (channel_id, address) do nothing`,
  )
  const row = await first(
    db,
    sql<GroupRow>`select ${COLUMNS} from groups g where g.channel_id = ${channelId} and g.address = ${address} and g.workspace_id = ${workspaceId} for update of g`,
  )
  if (!row) throw new Error('a group was not locked')
  return { group: toGroup(row), created: made > 0 }
}

export type GroupFilter = {
  search: string | undefined
  channelId: string | undefined
  /** Groups that somebody is in, under any of these addresses. */
  withAnyOf: readonly string[] | undefined
  includeLeft: boolean
}

const conditions = (workspaceId: string, { search, channelId, withAnyOf, includeLeft }: GroupFilter): RawBuilder<unknown> => {
  const parts = [sql`g.workspace_id = ${workspaceId}`, OF_A_CHANNEL]
  if (search !== undefined) parts.push(sql`position(lower(${search}) in lower(g.name)) > 0`)
  if (channelId !== undefined) parts.push(sql`g.channel_id = ${channelId}`)
  if (withAnyOf)
    parts.push(
      sql`g.id in (select p.group_id from group_participants p where p.workspace_id = ${workspaceId} and p.address = any(${withAnyOf}::text[]))`,
    )
  if (!includeLeft) parts.push(sql`g.left_at is null`)
  return sql.join(parts, sql` and `)
}

type Window = { after: string | undefined; limit: number; skip: number | undefined }

/** Newest first. */
export async function selectGroups(
  db: Db,
  workspaceId: string,
  { after, limit, skip = 0, ...filter }: GroupFilter & Window,
): Promise<Group[]> {
  const beyond = after === undefined ? sql`` : sql`and g.id < ${after}`
  const rows = await all(
    db,
    sql<GroupRow>`select ${COLUMNS} from groups g where ${conditions(workspaceId, filter)} ${beyond} order by g.id desc limit ${limit} offset ${skip}`,
  )
  return rows.map(toGroup)
}

export async function countGroups(db: Db, workspaceId: string, filter: GroupFilter): Promise<number> {
  const row = await first(
    db,
    sql<{ total: number }>`select count(*)::integer as total from groups g where ${conditions(workspaceId, filter)}`,
  )
  return row?.total ?? 0
}

/** Of a row that the caller holds; the participants are counted anew. */
export async function updateGroupRow(db: Db, group: Group): Promise<Group> {
  const { name, description, owner, onlyAdminsWrite, onlyAdminsEdit, pictureId, foundedAt, leftAt } = group
  const row = await first(
    db,
    sql<GroupRow>`update groups g set name = ${name ?? null}, description = ${description ?? null}, owner = ${owner ?? null}, only_admins_write = ${onlyAdminsWrite},
      only_admins_edit = ${onlyAdminsEdit}, picture_id = ${pictureId ?? null}, founded_at = ${foundedAt ?? null}, left_at = ${leftAt ?? null}, updated_at = chasqui_now(),
      participant_count = (select count(*) from group_participants p where p.group_id = g.id)
      where g.workspace_id = ${group.workspaceId} and g.id = ${group.id} returning ${COLUMNS}`,
  )
  return row ? toGroup(row) : group
}

/** What those at these addresses are called, by address. */
export async function findGroupNames(db: Db, workspaceId: string, addresses: readonly string[]): Promise<Map<string, string>> {
  if (addresses.length === 0) return new Map()
  const rows = await all(
    db,
    sql<{
      address: string
      name: string
    }>`select address, name from groups where workspace_id = ${workspaceId} and address = any(${addresses}::text[]) and name is not null`,
  )
  return new Map(rows.map(({ address, name }) => [address, name]))
}

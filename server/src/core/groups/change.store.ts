import { all, type Db, first, json, run, sql } from '#kit/db'
import type { ChangedFacts, Group, KeptChange } from './group.ts'

const KEPT_DAYS = 30

export type NewChange = Pick<KeptChange, 'id' | 'kind' | 'at'> &
  Partial<Pick<KeptChange, 'participants' | 'by' | 'was' | 'isNow'>> & { roadId?: string | undefined }

/** Of a group whose row the caller holds; its old ones go. */
export async function insertChange(
  db: Db,
  { id: groupId, workspaceId }: Pick<Group, 'id' | 'workspaceId'>,
  change: NewChange,
): Promise<void> {
  const { id, kind, at, participants = [], by, was, isNow, roadId } = change
  await run(
    db,
    sql`insert into group_changes (id, group_id, workspace_id, road_id, kind, participants, by, was, is_now, at, kept_at)
      values (${id}, ${groupId}, ${workspaceId}, ${roadId ?? null}, ${kind}, ${participants}::text[], ${by ?? null}, ${was ? json(was) : null}::jsonb, ${isNow ? json(isNow) : null}::jsonb, ${at}, chasqui_now())`,
  )
  await run(
    db,
    sql`delete from group_changes where group_id = ${groupId} and workspace_id = ${workspaceId} and kept_at < chasqui_now() - ${KEPT_DAYS} * interval '1 day'`,
  )
}

/** The network may say a thing twice. */
export async function hasChange(db: Db, { id, workspaceId }: Pick<Group, 'id' | 'workspaceId'>, roadId: string): Promise<boolean> {
  const row = await first(
    db,
    sql`select 1 from group_changes where group_id = ${id} and workspace_id = ${workspaceId} and road_id = ${roadId}`,
  )
  return row !== undefined
}

type ChangeRow = {
  id: string
  group_id: string
  address: string
  kind: string
  participants: string[]
  by: string | null
  was: ChangedFacts | null
  is_now: ChangedFacts | null
  at: Date
}

/** Those that are still kept, in no order. */
export async function findGroupChanges(db: Db, workspaceId: string, ids: readonly string[]): Promise<KeptChange[]> {
  const rows = await all(
    db,
    sql<ChangeRow>`select c.id, c.group_id, g.address, c.kind, c.participants, c.by, c.was, c.is_now, c.at from group_changes c join groups g on g.id = c.group_id
      where c.workspace_id = ${workspaceId} and c.id = any(${ids}::uuid[])`,
  )
  return rows.map(({ id, group_id, address, kind, participants, by, was, is_now, at }) => ({
    id,
    groupId: group_id,
    address,
    kind,
    participants,
    by: by ?? undefined,
    was: was ?? {},
    isNow: is_now ?? {},
    at,
  }))
}

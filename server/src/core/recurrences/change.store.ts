import type { Content } from '#core/content'
import { all, type Db, first, json, run, sql } from '#kit/db'
import type { OccurrenceChange, Recurrence } from './recurrence.ts'

type OfRecurrence = Pick<Recurrence, 'workspaceId' | 'id'>
type Row = { occurrence: Date; skipped: boolean; sendAt: Date | null; content: Content | null }

/** All that are still ahead, by their occurrence in milliseconds. */
export async function findChanges(db: Db, { workspaceId, id }: OfRecurrence): Promise<Map<number, OccurrenceChange>> {
  const rows = await all(
    db,
    sql<Row>`select occurrence, skipped, send_at as "sendAt", content from occurrence_changes where recurrence_id = ${id} and workspace_id = ${workspaceId}`,
  )
  return new Map(
    rows.map((row) => [row.occurrence.getTime(), { ...row, sendAt: row.sendAt ?? undefined, content: row.content ?? undefined }]),
  )
}

export async function saveChange(db: Db, { workspaceId, id }: OfRecurrence, change: OccurrenceChange): Promise<void> {
  const { occurrence, skipped, sendAt, content } = change
  await run(
    db,
    sql`insert into occurrence_changes (recurrence_id, occurrence, workspace_id, skipped, send_at, content)
      values (${id}, ${occurrence}, ${workspaceId}, ${skipped}, ${sendAt ?? null}, ${content ? json(content) : null}::jsonb)
      on conflict (recurrence_id, occurrence) do update set skipped = excluded.skipped, send_at = excluded.send_at, content = excluded.content`,
  )
}

export async function countChanges(db: Db, { workspaceId, id }: OfRecurrence): Promise<number> {
  const row = await first(
    db,
    sql<{ count: number }>`select count(*) as count from occurrence_changes where recurrence_id = ${id} and workspace_id = ${workspaceId}`,
  )
  return row?.count ?? 0
}

/** What is over needs no change any more. */
export async function dropChangesThrough(db: Db, { workspaceId, id }: OfRecurrence, occurrence: Date): Promise<void> {
  await run(
    db,
    sql`delete from occurrence_changes where recurrence_id = ${id} and workspace_id = ${workspaceId} and occurrence <= ${occurrence}`,
  )
}

/** With another rule only what is skipped stays so. */
export async function dropEdits(db: Db, { workspaceId, id }: OfRecurrence): Promise<void> {
  await run(db, sql`delete from occurrence_changes where recurrence_id = ${id} and workspace_id = ${workspaceId} and not skipped`)
}

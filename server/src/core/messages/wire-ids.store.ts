import { all, type Db, sql } from '#kit/db'

/** wire id -> our message, for those of one channel that we know. A look each: joined, the planner would read the channel's whole history. */
export async function findMessageIds(
  db: Db,
  channel: { workspaceId: string; id: string },
  wireIds: readonly string[],
): Promise<Map<string, string>> {
  if (wireIds.length === 0) return new Map()
  const rows = await all(
    db,
    sql<{ wire_id: string; message_id: string }>`select k.wire_id, w.message_id from unnest(${wireIds}::text[]) as k(wire_id)
      cross join lateral (select message_id from wire_ids where workspace_id = ${channel.workspaceId} and channel_id = ${channel.id} and wire_id = k.wire_id limit 1) w`,
  )
  return new Map(rows.map((row) => [row.wire_id, row.message_id]))
}

import { all, type Db, sql } from '#kit/db'

/** Which of these conversations had a campaign, a sequence or marketing from us in the last 90 days. */
export async function conversationsWithMarketing(db: Db, workspaceId: string, conversationIds: readonly string[]): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{ id: string }>`select c.id from unnest(${conversationIds}::uuid[]) as c(id) where exists (
      select 1 from messages m where m.workspace_id = ${workspaceId} and m.conversation_id = c.id and m.id > chasqui_uuid_floor(chasqui_now() - interval '90 days')
        and m.direction = 'out' and (m.lane > 0 or m.category = 'marketing'))`,
  )
  return new Set(rows.map(({ id }) => id))
}

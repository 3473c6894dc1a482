import { all, type Db, run, sql } from '#kit/db'
import type { LockedMessage } from './message-changes.ts'

/** Ids of the last messages of each conversation that the network knows, newest first: one look into an index for each. */
export async function selectLatestIds(
  db: Db,
  workspaceId: string,
  { conversationIds, each, contentTypes }: { conversationIds: readonly string[]; each: number; contentTypes: readonly string[] },
): Promise<string[]> {
  const rows = await all(
    db,
    sql<{ id: string }>`select m.id from unnest(${conversationIds}::uuid[]) as k(id)
      cross join lateral (
        select id from messages where conversation_id = k.id and workspace_id = ${workspaceId} and wire_id is not null
          and content ->> 'type' = any(${contentTypes}::text[]) order by id desc limit ${each}
      ) m order by m.id desc`,
  )
  return rows.map(({ id }) => id)
}

/**
 * Conversations in which something was just said come up in their lists. Locked rows are passed over: whoever holds one writes a later time, or takes it away.
 */
export async function raiseConversations(db: Db, sent: readonly LockedMessage[]): Promise<void> {
  const times = new Map<string, Date>()
  for (const { conversationId, sentAt } of sent) {
    const known = times.get(conversationId)
    if (sentAt && (!known || known < sentAt)) times.set(conversationId, sentAt)
  }
  const ids = [...times.keys()]
  if (ids.length === 0) return
  await run(
    db,
    sql`with locked as (select id from conversations where id = any(${ids}::uuid[]) order by id for update skip locked)
      update conversations c set last_message_at = greatest(c.last_message_at, least(g.at, chasqui_now()))
      from unnest(${ids}::uuid[], ${[...times.values()]}::timestamptz[]) as g(id, at)
      where c.id = any(array(select id from locked)) and c.id = g.id`,
  )
}

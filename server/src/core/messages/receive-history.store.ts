import { type Db, run, sql } from '#kit/db'

/** What a phone says of a conversation. `isNew`: we had none until now. */
export type HistoryPlace = {
  id: string
  isNew: boolean
  unread: number
  archived: boolean
  lastAt: Date | undefined
  lastInboundAt: Date | undefined
}

/** Times only grow, but for a new conversation, which is as old as its last message; its marks are taken over until somebody is known to have written there. */
export async function settleConversations(db: Db, places: readonly HistoryPlace[]): Promise<void> {
  await run(
    db,
    sql`with told as (
        select * from unnest(${places.map(({ id }) => id)}::uuid[], ${places.map(({ isNew }) => isNew)}::boolean[], ${places.map(({ unread }) => unread)}::integer[],
          ${places.map(({ archived }) => archived)}::boolean[], ${places.map(({ lastAt }) => lastAt ?? null)}::timestamptz[],
          ${places.map(({ lastInboundAt }) => lastInboundAt ?? null)}::timestamptz[]) as t(id, is_new, unread, archived, last_at, last_inbound_at)
      ), locked as (select t.* from conversations c join told t on t.id = c.id order by c.id for update of c)
      update conversations c set last_message_at = case when l.is_new then l.last_at else greatest(c.last_message_at, l.last_at) end,
        last_inbound_at = greatest(c.last_inbound_at, l.last_inbound_at),
        unread = case when c.last_inbound_at is null then l.unread else c.unread end,
        archived_at = case when c.last_inbound_at is null and l.archived then coalesce(c.archived_at, chasqui_now()) else c.archived_at end
      from locked l where c.id = l.id`,
  )
}

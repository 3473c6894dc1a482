import type { InboundContent } from '#core/content'
import { all, type Db, run, sql } from '#kit/db'

type Channel = { workspaceId: string; id: string }

/** wire id -> our message, for those of one channel that we know. A look each: joined, the planner would read the channel's whole history. */
export async function findMessageIds(db: Db, channel: Channel, wireIds: readonly string[]): Promise<Map<string, string>> {
  if (wireIds.length === 0) return new Map()
  const rows = await all(
    db,
    sql<{ wire_id: string; message_id: string }>`select k.wire_id, w.message_id from unnest(${wireIds}::text[]) as k(wire_id)
      cross join lateral (select message_id from wire_ids where workspace_id = ${channel.workspaceId} and channel_id = ${channel.id} and wire_id = k.wire_id limit 1) w`,
  )
  return new Map(rows.map((row) => [row.wire_id, row.message_id]))
}

export type Target = { wireId: string; messageId: string; conversationId: string }

/** The same, with where they stand. */
export async function findTargets(db: Db, channel: Channel, wireIds: readonly string[]): Promise<Target[]> {
  if (wireIds.length === 0) return []
  return all(
    db,
    sql<Target>`select k.wire_id as "wireId", m.id as "messageId", m.conversation_id as "conversationId" from unnest(${wireIds}::text[]) as k(wire_id)
      cross join lateral (select message_id from wire_ids where workspace_id = ${channel.workspaceId} and channel_id = ${channel.id} and wire_id = k.wire_id limit 1) w
      cross join lateral (select id, conversation_id from messages where workspace_id = ${channel.workspaceId} and id = w.message_id limit 1) m`,
  )
}

/** Notes deeds whose message is not here, each under its place; the last of several counts. */
export async function keepWaiting(db: Db, channel: Channel, deeds: ReadonlyMap<string, string>): Promise<void> {
  await run(
    db,
    sql`insert into wire_ids (workspace_id, channel_id, wire_id, message_id)
      select ${channel.workspaceId}, ${channel.id}, d.place, d.id from unnest(${[...deeds.keys()]}::text[], ${[...deeds.values()]}::uuid[]) as d(place, id) order by d.place
      on conflict (workspace_id, channel_id, wire_id) do update set message_id = excluded.message_id`,
  )
}

/** The deeds that wait under these places. */
export async function findWaiting(
  db: Db,
  channel: Channel,
  places: readonly string[],
): Promise<{ place: string; id: string; content: InboundContent; at: Date }[]> {
  return all(
    db,
    sql<{
      place: string
      id: string
      content: InboundContent
      at: Date
    }>`select k.place, m.id, m.content, m.created_at as at from unnest(${places}::text[]) as k(place)
      cross join lateral (select message_id from wire_ids where workspace_id = ${channel.workspaceId} and channel_id = ${channel.id} and wire_id = k.place limit 1) w
      cross join lateral (select id, content, created_at from messages where workspace_id = ${channel.workspaceId} and id = w.message_id limit 1) m`,
  )
}

export async function dropWaiting(db: Db, channel: Channel, places: readonly string[]): Promise<void> {
  await run(
    db,
    sql`delete from wire_ids where workspace_id = ${channel.workspaceId} and channel_id = ${channel.id} and wire_id = any(${places}::text[])`,
  )
}

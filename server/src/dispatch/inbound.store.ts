import { all, type Db, first, run, sql } from '#kit/db'

export type RawEvent = { id: string; workspaceId: string; channelId: string; body: Buffer }

/** Keeps bodies as they came; ids are ours, so that a repeat after a lost answer adds none. */
export async function insertRaw(db: Db, events: readonly RawEvent[], at: Date): Promise<void> {
  await run(
    db,
    sql`insert into inbound_events (id, workspace_id, channel_id, body, received_at)
      select id, workspace_id, channel_id, body, ${at} from unnest(${events.map((e) => e.id)}::uuid[], ${events.map((e) => e.workspaceId)}::uuid[],
        ${events.map((e) => e.channelId)}::uuid[], ${events.map((e) => e.body)}::bytea[]) as e(id, workspace_id, channel_id, body) on conflict do nothing`,
  )
}

/** The same for bodies that a session took: kept only where it is still held under that epoch. Answers the ids of those. */
export async function insertHeldRaw(db: Db, events: readonly (RawEvent & { epoch: number })[], at: Date): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{ id: string }>`
    with given as (select * from unnest(${events.map((e) => e.id)}::uuid[], ${events.map((e) => e.workspaceId)}::uuid[], ${events.map((e) => e.channelId)}::uuid[],
        ${events.map((e) => e.body)}::bytea[], ${events.map((e) => e.epoch)}::bigint[]) as e(id, workspace_id, channel_id, body, epoch)),
      held as materialized (select o.channel_id, o.epoch from owners o where o.channel_id in (select channel_id from given) order by o.channel_id for key share),
      kept as (select g.* from given g join held h using (channel_id, epoch)),
      made as (insert into inbound_events (id, workspace_id, channel_id, body, received_at)
        select id, workspace_id, channel_id, body, ${at} from kept order by id on conflict do nothing)
    select id from kept`,
  )
  return new Set(rows.map(({ id }) => id))
}

/** Channels with raw events that nobody has parsed yet. */
export async function channelsWaiting(db: Db): Promise<string[]> {
  const rows = await all(db, sql<{ channel_id: string }>`select distinct channel_id from inbound_events where parsed_at is null limit 1000`)
  return rows.map(({ channel_id }) => channel_id)
}

/** One parser a channel at a time, over all nodes; the lock ends with the transaction. */
export async function lockChannelInbound(db: Db, channelId: string): Promise<boolean> {
  const row = await first(db, sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtextextended(${channelId}, 2)) as locked`)
  return row?.locked ?? false
}

/** The next in order; the last of them may go beyond so many bytes. */
export async function unparsed(db: Db, channelId: string, most: { events: number; bytes: number }): Promise<RawEvent[]> {
  return all(
    db,
    sql<RawEvent>`select id, workspace_id as "workspaceId", channel_id as "channelId", body
      from (select e.*, sum(octet_length(body)) over (order by id) - octet_length(body) as ahead from (
        select id, workspace_id, channel_id, body from inbound_events where channel_id = ${channelId} and parsed_at is null order by id limit ${most.events}
      ) e) e where ahead < ${most.bytes} order by id`,
  )
}

export async function markParsed(db: Db, ids: readonly string[], at: Date): Promise<void> {
  await run(db, sql`update inbound_events set parsed_at = ${at} where id = any(${ids}::uuid[]) and parsed_at is null`)
}

export async function insertReject(db: Db, event: RawEvent, reason: string, at: Date): Promise<void> {
  await run(
    db,
    sql`insert into inbound_rejects (id, workspace_id, channel_id, body, reason, at) values (${event.id}, ${event.workspaceId}, ${event.channelId}, ${event.body}, ${reason}, ${at}) on conflict do nothing`,
  )
}

import { type Db, first, run, sql } from '#kit/db'

/** Halves a channel's rate, once per round trip over all nodes: only when the rejected send was claimed after the last cut. */
export async function cutRate(db: Db, channelId: string, claimedAt: Date, now: Date): Promise<number | undefined> {
  const row = await first(
    db,
    sql<{ rate: number }>`update buckets set rate = greatest(rate / 2, least(1, ceiling)), tokens = least(tokens, 0), cut_at = ${now}
      where channel_id = ${channelId} and (cut_at is null or cut_at < ${claimedAt}) returning rate`,
  )
  return row?.rate
}

export async function markHeard(db: Db, heard: ReadonlyMap<string, Date>): Promise<void> {
  const ids = [...heard.keys()].sort()
  await run(
    db,
    sql`with given as (select * from unnest(${ids}::uuid[], ${ids.map((id) => heard.get(id))}::timestamptz[]) as g(id, at)),
      locked as (select c.id, g.at from channels c join given g on g.id = c.id order by c.id for update of c)
      update channels c set last_inbound_at = greatest(c.last_inbound_at, l.at) from locked l where c.id = l.id`,
  )
}

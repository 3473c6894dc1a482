import { type Db, first, run, sql } from '#kit/db'

/** Halves a channel's rate, once per round trip over all nodes: only when the rejected send was claimed after the last cut. */
export async function cutRate(db: Db, channelId: string, claimedAt: Date, now: Date): Promise<number | undefined> {
  const row = await first(
    db,
    sql<{ rate: number }>`update buckets set rate = greatest(rate / 2, least(1, ceiling / 8)), tokens = least(tokens, 0), cut_at = ${now}
      where channel_id = ${channelId} and (cut_at is null or cut_at < ${claimedAt}) returning rate`,
  )
  return row?.rate
}

/** Gives back what a claim spent for messages that then did not start, by channel: they must not use up the pace or the day of those that can. */
export async function returnTokens(db: Db, counts: ReadonlyMap<string, number>, claimedAt: Date): Promise<void> {
  const ids = [...counts.keys()].sort()
  await run(
    db,
    sql`with given as (select * from unnest(${ids}::uuid[], ${ids.map((id) => counts.get(id))}::integer[]) as g(channel_id, count)),
      locked as (select b.channel_id, g.count from buckets b join given g on g.channel_id = b.channel_id order by b.channel_id for update of b)
      update buckets b set tokens = least(b.capacity, b.tokens + b.shift + l.count), shift = 0,
        next_allowed_at = b.refilled_at + make_interval(secs => greatest(0, 1 - (b.tokens + b.shift + l.count)) / b.rate),
        daily_count = case when b.daily_on = (${claimedAt}::timestamptz at time zone 'UTC')::date then greatest(0, b.daily_count - l.count) else b.daily_count end
      from locked l where b.channel_id = l.channel_id`,
  )
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

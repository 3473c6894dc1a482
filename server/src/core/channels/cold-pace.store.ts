import { all, type Db, run, sql } from '#kit/db'
import type { ColdPace } from './cold-pace.ts'

type ChannelRef = { id: string; workspaceId: string }

/** Notes that a channel is linked today: its ramp counts such days. A number that is new to us begins its first. */
export async function beginRamp(db: Db, { id, workspaceId }: ChannelRef): Promise<void> {
  await run(db, countDay(sql`c.workspace_id = ${workspaceId} and c.id = ${id}`))
}

/** The same for every own number that is open now. */
export async function countLinkedDays(db: Db): Promise<void> {
  await run(db, countDay(sql`c.kind = 'web' and c.state = 'open' and c.deleted_at is null`))
}

const countDay = (which: ReturnType<typeof sql>) => sql`
  insert into cold_paces (channel_id, workspace_id, linked_on, sent_on, judged_from)
  select c.id, c.workspace_id, d.today, d.today, chasqui_now() from channels c join workspaces w on w.id = c.workspace_id
  cross join lateral (select (chasqui_now() at time zone w.time_zone)::date as today) d
  where ${which} order by c.id
  on conflict (channel_id) do update set linked_days = cold_paces.linked_days + 1, linked_on = excluded.linked_on where cold_paces.linked_on < excluded.linked_on`

/** Locks the paces of these channels in order; a channel that has none yet begins its ramp. */
export async function lockColdPaces(db: Db, channelIds: readonly string[], now: Date): Promise<ColdPace[]> {
  const paces = await selectLocked(db, channelIds, now)
  if (paces.length === channelIds.length) return paces
  await run(
    db,
    sql`insert into cold_paces (channel_id, workspace_id, linked_on, sent_on, judged_from)
      select c.id, c.workspace_id, d.today, d.today, ${now} from channels c join workspaces w on w.id = c.workspace_id
      cross join lateral (select (${now}::timestamptz at time zone w.time_zone)::date as today) d
      where c.id = any(${channelIds}::uuid[]) order by c.id on conflict do nothing`,
  )
  return selectLocked(db, channelIds, now)
}

/** Clocks that were put back keep the day that was reached: nobody gets a day twice. */
const selectLocked = (db: Db, channelIds: readonly string[], now: Date): Promise<ColdPace[]> =>
  all(
    db,
    sql<ColdPace>`select p.channel_id as "channelId", p.workspace_id as "workspaceId", w.time_zone as "timeZone", greatest(d.today, p.sent_on)::text as today,
      ((greatest(d.today, p.sent_on) + 1)::timestamp at time zone w.time_zone) as "dayEndsAt", p.linked_days + (d.today > p.linked_on)::integer as "linkedDays",
      case when p.sent_on >= d.today then p.sent else 0 end as sent, p.next_at as "nextAt", p.stopped_until as "stoppedUntil",
      p.stop_reason as "stopReason", p.stops, p.judged_from as "judgedFrom", p.calls_at as "callsAt"
    from cold_paces p join workspaces w on w.id = p.workspace_id
    cross join lateral (select (${now}::timestamptz at time zone w.time_zone)::date as today) d
    where p.channel_id = any(${channelIds}::uuid[]) order by p.channel_id for update of p`,
  )

/** Whoever waits in a channel's line is called anew: its rules have changed. */
export async function callAnew(db: Db, { id, workspaceId }: ChannelRef): Promise<void> {
  await run(
    db,
    sql`update cold_paces set calls_at = chasqui_now() where workspace_id = ${workspaceId} and channel_id = ${id} and calls_at is not null`,
  )
}

/** Writes what became of paces that the caller has locked. */
export async function writeColdPaces(db: Db, paces: readonly ColdPace[]): Promise<void> {
  await run(
    db,
    sql`update cold_paces p set linked_days = g.linked_days, linked_on = greatest(p.linked_on, g.today), sent_on = g.today, sent = g.sent, next_at = g.next_at,
        stopped_until = g.stopped_until, stop_reason = g.stop_reason, stops = g.stops, judged_from = g.judged_from, calls_at = g.calls_at
      from unnest(${paces.map((pace) => pace.channelId)}::uuid[], ${paces.map((pace) => pace.linkedDays)}::integer[], ${paces.map((pace) => pace.today)}::date[],
        ${paces.map((pace) => pace.sent)}::integer[], ${paces.map((pace) => pace.nextAt)}::timestamptz[], ${paces.map((pace) => pace.stoppedUntil)}::timestamptz[],
        ${paces.map((pace) => pace.stopReason)}::text[], ${paces.map((pace) => pace.stops)}::smallint[], ${paces.map((pace) => pace.judgedFrom)}::timestamptz[],
        ${paces.map((pace) => pace.callsAt)}::timestamptz[])
        as g(channel_id, linked_days, today, sent, next_at, stopped_until, stop_reason, stops, judged_from, calls_at)
      where p.channel_id = g.channel_id`,
  )
}

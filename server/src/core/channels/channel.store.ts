import type { ChannelKind } from '#core/transport'
import { all, type Db, first, json, run, sql } from '#kit/db'
import type { Channel, ChannelSettings, ChannelState } from './channel.ts'
import { allowedOn, type ColdPace, type ColdStanding, opensAt } from './cold-pace.ts'
import type { ChannelPace } from './pace.ts'
import { pacingOf } from './pacing.ts'

/** A row of channels with its bucket. */
export type ChannelRow = {
  id: string
  workspace_id: string
  number: number
  kind: ChannelKind
  name: string
  phone: string
  state: ChannelState
  state_reason: string | null
  reopens_at: Date | null
  settings: ChannelSettings
  remote_id: string | null
  account_id: string | null
  hook_key: string
  paused: boolean
  rate: number
  ceiling: number
  /** Null: it has no pace for cold contacts yet. */
  cold: ColdRow | null
  created_at: Date
}

export const CHANNEL_COLUMNS = sql.raw(
  `c.id, c.workspace_id, c.number, c.kind, c.name, c.phone, c.state, c.state_reason, c.reopens_at, c.settings, c.remote_id, c.account_id, c.hook_key,
   coalesce(b.blocked_reason = 'paused', false) as paused, b.rate, b.ceiling, c.created_at,
   (select json_build_object('linkedDays', p.linked_days + (d.today > p.linked_on)::integer, 'sent', case when p.sent_on >= d.today then p.sent else 0 end,
      'dayEndsAt', (greatest(d.today, p.sent_on) + 1)::timestamp at time zone w.time_zone, 'nextAt', p.next_at, 'stoppedUntil', p.stopped_until, 'stopReason', p.stop_reason, 'now', chasqui_now())
    from cold_paces p join workspaces w on w.id = p.workspace_id cross join lateral (select (chasqui_now() at time zone w.time_zone)::date as today) d
    where p.channel_id = c.id) as cold`,
)

export const toChannel = (row: ChannelRow): Channel => ({
  id: row.id,
  number: row.number,
  workspaceId: row.workspace_id,
  kind: row.kind,
  name: row.name,
  phone: row.phone,
  state: row.state,
  stateReason: row.state_reason ?? undefined,
  reopensAt: row.reopens_at ?? undefined,
  settings: row.settings,
  remoteId: row.remote_id ?? undefined,
  accountId: row.account_id ?? undefined,
  hookKey: row.hook_key,
  paused: row.paused,
  rate: row.rate,
  rateCeiling: row.ceiling,
  cold: standingOf(row),
  createdAt: row.created_at,
})

/** As JSON gives it: times are texts. */
type ColdRow = Pick<ColdPace, 'linkedDays' | 'sent' | 'stopReason'> & {
  dayEndsAt: string
  nextAt: string | null
  stoppedUntil: string | null
  now: string
}

function standingOf({ kind, settings, cold }: ChannelRow): ColdStanding | undefined {
  const pacing = pacingOf(settings)
  if (kind !== 'web' || pacing.cold === 'off') return undefined
  if (!cold) return { allowedToday: allowedOn(1, pacing), sentToday: 0, nextAt: undefined, stoppedUntil: undefined, stopReason: undefined }
  const now = new Date(cold.now)
  const ahead = (text: string | null) => (text !== null && new Date(text) > now ? new Date(text) : null)
  const stoppedUntil = ahead(cold.stoppedUntil)
  const opens = opensAt({ ...cold, nextAt: ahead(cold.nextAt), stoppedUntil, dayEndsAt: new Date(cold.dayEndsAt) }, pacing)
  return {
    allowedToday: allowedOn(cold.linkedDays, pacing),
    sentToday: cold.sent,
    nextAt: opens > now ? opens : undefined,
    stoppedUntil: stoppedUntil ?? undefined,
    stopReason: (stoppedUntil && cold.stopReason) ?? undefined,
  }
}

export async function nextChannelNumber(db: Db): Promise<number> {
  const row = await first(db, sql<{ number: number }>`select nextval('channel_numbers') as number`)
  if (!row) throw new Error('the sequence gave no number')
  return row.number
}

export type NewChannel = Pick<
  Channel,
  'id' | 'workspaceId' | 'number' | 'kind' | 'name' | 'phone' | 'settings' | 'remoteId' | 'accountId' | 'hookKey'
> & {
  credentials: Buffer | undefined
  state: ChannelState
  pace: ChannelPace
  /** Lanes that get a queue of their own. */
  lanes: readonly number[]
}

/** Writes a channel with its bucket, blocked unless it is open, and the queues of its lanes. */
export async function insertChannel(db: Db, channel: NewChannel): Promise<void> {
  const { id, workspaceId, pace } = channel
  await run(
    db,
    sql`insert into channels (id, workspace_id, number, kind, name, phone, state, settings, credentials, remote_id, account_id, hook_key, created_at)
      values (${id}, ${workspaceId}, ${channel.number}, ${channel.kind}, ${channel.name}, ${channel.phone}, ${channel.state}, ${json(channel.settings)}::jsonb,
        ${channel.credentials ?? null}, ${channel.remoteId ?? null}, ${channel.accountId ?? null}, ${channel.hookKey}, chasqui_now())`,
  )
  await run(
    db,
    sql`insert into buckets (channel_id, workspace_id, rate, ceiling, capacity, jitter, tokens, refilled_at, next_allowed_at, daily_cap, blocked_reason, blocked_until)
      values (${id}, ${workspaceId}, ${pace.rate}, ${pace.rate}, ${pace.capacity}, ${pace.jitter}, ${pace.capacity}, chasqui_now(), chasqui_now(), ${channel.settings.dailyCap ?? null},
        ${channel.state === 'open' ? null : channel.state}, ${channel.state === 'open' ? null : 'infinity'}::timestamptz)`,
  )
  await run(
    db,
    sql`insert into queues (workspace_id, channel_id, lane) select ${workspaceId}, ${id}, lane from unnest(${channel.lanes}::smallint[]) as lane`,
  )
}

/** Channels that are not deleted, by number; one more than the limit. */
export async function selectChannels(db: Db, workspaceId: string, page: { limit: number; after: string | undefined }): Promise<Channel[]> {
  const rows = await all(
    db,
    sql<ChannelRow>`select ${CHANNEL_COLUMNS} from channels c join buckets b on b.channel_id = c.id
      where c.workspace_id = ${workspaceId} and c.deleted_at is null and (${page.after ?? null}::uuid is null or c.id > ${page.after ?? null})
      order by c.id limit ${page.limit + 1}`,
  )
  return rows.map(toChannel)
}

export async function selectChannel(db: Db, workspaceId: string, channelId: string): Promise<Channel | undefined> {
  const row = await first(
    db,
    sql<ChannelRow>`select ${CHANNEL_COLUMNS} from channels c join buckets b on b.channel_id = c.id
      where c.workspace_id = ${workspaceId} and c.id = ${channelId} and c.deleted_at is null`,
  )
  return row && toChannel(row)
}

/** Channels by id, deleted ones as well: what was sent through them is still there. */
export async function findChannels(db: Db, workspaceId: string, ids: readonly string[]): Promise<Channel[]> {
  const rows = await all(
    db,
    sql<ChannelRow>`select ${CHANNEL_COLUMNS} from channels c join buckets b on b.channel_id = c.id
      where c.workspace_id = ${workspaceId} and c.id = any(${ids}::uuid[])`,
  )
  return rows.map(toChannel)
}

export type LockedChannel = { channel: Channel; credentials: Buffer | undefined; blockedReason: string | undefined }

/** Locks a channel and its bucket, the bucket first. */
export async function lockChannel(db: Db, workspaceId: string, channelId: string): Promise<LockedChannel | undefined> {
  await run(db, sql`select 1 from buckets where workspace_id = ${workspaceId} and channel_id = ${channelId} for update`)
  const row = await first(
    db,
    sql<ChannelRow & { credentials: Buffer | null; blocked_reason: string | null }>`
      select ${CHANNEL_COLUMNS}, c.credentials, b.blocked_reason from channels c join buckets b on b.channel_id = c.id
      where c.workspace_id = ${workspaceId} and c.id = ${channelId} and c.deleted_at is null for update of c`,
  )
  return row && { channel: toChannel(row), credentials: row.credentials ?? undefined, blockedReason: row.blocked_reason ?? undefined }
}

/** Whether a channel of this kind has that number already. */
export async function isPhoneTaken(db: Db, workspaceId: string, channel: Pick<Channel, 'kind' | 'phone'>): Promise<boolean> {
  const row = await first(
    db,
    sql`select 1 from channels where workspace_id = ${workspaceId} and kind = ${channel.kind} and phone = ${channel.phone} and deleted_at is null limit 1`,
  )
  return row !== undefined
}

export async function updateChannelRow(
  db: Db,
  channel: Pick<Channel, 'id' | 'workspaceId' | 'name' | 'settings'>,
  credentials: Buffer | undefined,
): Promise<void> {
  await run(
    db,
    sql`update channels set name = ${channel.name}, settings = ${json(channel.settings)}::jsonb, credentials = ${credentials ?? null}
      where workspace_id = ${channel.workspaceId} and id = ${channel.id}`,
  )
}

/** A new pace counts from now: a wait that the old rate asked for is over. */
export async function updatePace(
  db: Db,
  { id, workspaceId, settings }: Pick<Channel, 'id' | 'workspaceId' | 'settings'>,
  pace: ChannelPace,
): Promise<void> {
  await run(
    db,
    sql`update buckets set rate = ${pace.rate}, ceiling = ${pace.rate}, capacity = ${pace.capacity}, jitter = ${pace.jitter}, shift = 0, tokens = least(tokens, ${pace.capacity}),
      next_allowed_at = least(next_allowed_at, chasqui_now() + make_interval(secs => 1 / ${pace.rate}::double precision)),
      daily_cap = ${settings.dailyCap ?? null}, cut_at = null, grown_at = null
      where workspace_id = ${workspaceId} and channel_id = ${id}`,
  )
}

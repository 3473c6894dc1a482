import { all, type Db, first, sql } from '#kit/db'
import { CHANNEL_COLUMNS, type ChannelRow, toChannel } from './channel.store.ts'
import type { Channel, Persona } from './channel.ts'

export type DirectoryRow = { channel: Channel; credentials: Buffer | undefined; queues: Readonly<Record<number, number>> }

/** Channels by id with their sealed credentials and the queues of their lanes; deleted ones are not there. */
export async function selectDirectory(db: Db, channelIds: readonly string[]): Promise<DirectoryRow[]> {
  const rows = await all(
    db,
    sql<ChannelRow & { credentials: Buffer | null; queues: Record<number, number> }>`
      select ${CHANNEL_COLUMNS}, c.credentials,
        (select jsonb_object_agg(q.lane, q.id) from queues q where q.channel_id = c.id and q.campaign_id is null) as queues
      from channels c join buckets b on b.channel_id = c.id where c.id = any(${channelIds}::uuid[]) and c.deleted_at is null`,
  )
  return rows.map((row) => ({ channel: toChannel(row), credentials: row.credentials ?? undefined, queues: row.queues ?? {} }))
}

export async function findByHookKey(db: Db, hookKey: string): Promise<string | undefined> {
  const row = await first(db, sql<{ id: string }>`select id from channels where hook_key = ${hookKey} and deleted_at is null`)
  return row?.id
}

export async function findByRemoteId(db: Db, workspaceId: string, remoteId: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ id: string }>`select id from channels where workspace_id = ${workspaceId} and remote_id = ${remoteId} and deleted_at is null`,
  )
  return row?.id
}

/** The channel with a number; an open one before a closed one, then the oldest. */
export async function findByPhone(db: Db, workspaceId: string, phone: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ id: string }>`select id from channels where workspace_id = ${workspaceId} and phone = ${phone} and deleted_at is null
      order by state = 'open' desc, number limit 1`,
  )
  return row?.id
}

/** The channel with this number on the simulated network; the oldest where two workspaces chose the same one. */
export async function findBySandboxNumber(db: Db, phone: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ id: string }>`select id from channels where kind = 'sandbox' and phone = ${phone} and deleted_at is null order by number limit 1`,
  )
  return row?.id
}

/**
 * The channel that is meant when nobody names one: with a number before without, of the wished persona before any other, open before closed, then the
 * oldest. `givesWay`: one that is over until somebody does something comes after those that work or will by themselves.
 */
export async function findDefault(
  db: Db,
  workspaceId: string,
  { persona, givesWay = false }: { persona?: Persona | undefined; givesWay?: boolean | undefined },
): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ id: string }>`select id from channels where workspace_id = ${workspaceId} and deleted_at is null
      order by phone = '', (not ${givesWay}::boolean or state in ('open', 'degraded', 'connecting') or reopens_at is not null) desc,
        coalesce(settings ->> 'persona', case kind when 'cloud' then 'cloud' else 'own_number' end) = ${persona ?? null} desc nulls last, state = 'open' desc, number limit 1`,
  )
  return row?.id
}

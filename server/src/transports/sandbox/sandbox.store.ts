import type { Content } from '#core/content'
import { all, type Db, first, sql } from '#kit/db'

/** A message whose receipts may still be to come, with what its sending needs. */
export type Unfinished = {
  id: string
  number: string
  persona: string | null
  attempt: number
  address: string
  content: Content
  wireId: string
  targetWireId: string | null
}

/** The sandbox channel with this number; the oldest where two workspaces chose the same one. */
export async function findChannelId(db: Db, phone: string): Promise<string | undefined> {
  const row = await first(
    db,
    sql<{ id: string }>`select id from channels where kind = 'sandbox' and phone = ${phone} and deleted_at is null order by number limit 1`,
  )
  return row?.id
}

/** Whether this person wrote to this channel after `since`. */
export async function wroteSince(db: Db, channelId: string, address: string, since: Date): Promise<boolean> {
  const row = await first(
    db,
    sql<{
      open: boolean
    }>`select last_inbound_at > ${since} as open from conversations where channel_id = ${channelId} and address = ${address}`,
  )
  return row?.open ?? false
}

/** What sandbox channels sent under ids from `fromId` on and has not been read yet. */
export async function findUnfinished(db: Db, fromId: string, most: number): Promise<Unfinished[]> {
  return all(
    db,
    sql<Unfinished>`select m.id, c.phone as number, c.settings ->> 'persona' as persona, m.attempt, m.address, m.content, m.wire_id as "wireId",
        m.target_wire_id as "targetWireId"
      from channels c join messages m on m.workspace_id = c.workspace_id and m.id >= ${fromId} and m.channel_id = c.id
      where c.kind = 'sandbox' and c.deleted_at is null and m.direction = 'out' and m.state in ('sent', 'delivered') and m.wire_id is not null
      order by m.id limit ${most}`,
  )
}

import type { Content } from '#core/content'
import { all, type Db, sql } from '#kit/db'

/** A message on the simulated network whose receipts may still be to come, with what its sending needs. */
export type UnreadSandboxMessage = {
  id: string
  channelId: string
  /** The business number. */
  number: string
  attempt: number
  address: string
  content: Content
  state: 'sent' | 'delivered'
  wireId: string
  targetWireId: string | null
}

/** Scheduled further ahead than this, a message that was sent a moment ago is not found: ids are of the time of its making. */
const MADE_WITHIN = sql.raw(`interval '2 days'`)

/** What test workspaces sent on the simulated network after `sentSince` and nobody has read yet, oldest first; read workspace by workspace along the ids. */
export async function findUnreadSandboxMessages(
  db: Db,
  { sentSince, most }: { sentSince: Date; most: number },
): Promise<UnreadSandboxMessage[]> {
  return all(
    db,
    sql<UnreadSandboxMessage>`select m.id, c.id as "channelId", c.phone as number, m.attempt, m.address, m.content, m.state, m.wire_id as "wireId", m.target_wire_id as "targetWireId"
      from workspaces w cross join lateral (
        select * from messages where workspace_id = w.id and id >= chasqui_uuid_floor(${sentSince}::timestamptz - ${MADE_WITHIN})
          and direction = 'out' and state in ('sent', 'delivered') and sent_at >= ${sentSince} and wire_id is not null and origin <> 'deed'
        order by id desc limit ${most}
      ) m join channels c on c.id = m.channel_id and c.kind = 'sandbox' and c.deleted_at is null
      where w.environment = 'test' order by m.id limit ${most}`,
  )
}

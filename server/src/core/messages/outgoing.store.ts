import { type Db, first, sql } from '#kit/db'
import type { Leaving } from './to-outgoing.ts'

/** Of a message `m`: what it replies or reacts to. */
export const TARGET_COLUMNS = sql`coalesce(m.target_wire_id, (select t.wire_id from messages t where t.workspace_id = m.workspace_id and t.id = m.reply_to)) as "targetWireId",
  case when m.reply_to is not null then (select json_build_object('fromMe', t.direction = 'out', 'author', coalesce(t.facts ->> 'participant', t.facts ->> 'sender'), 'content', t.content)
    from messages t where t.workspace_id = m.workspace_id and t.id = m.reply_to) end as target`

export type Sent = Leaving & { attempt: number; sentAt: Date }

/** What we sent under a wire id on this channel. */
export async function findSent(db: Db, channel: { workspaceId: string; id: string }, wireId: string): Promise<Sent | undefined> {
  return first(
    db,
    sql<Sent>`select m.id, m.attempt, m.address, m.content, m.facts, coalesce(m.sent_at, m.sending_at, m.created_at) as "sentAt", ${TARGET_COLUMNS}
      from wire_ids w join messages m on m.workspace_id = w.workspace_id and m.id = w.message_id
      where w.workspace_id = ${channel.workspaceId} and w.channel_id = ${channel.id} and w.wire_id = ${wireId} and m.direction = 'out'`,
  )
}

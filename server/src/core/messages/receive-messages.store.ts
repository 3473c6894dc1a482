import type { InboundContent } from '#core/content'
import { all, type Db, run, sql } from '#kit/db'

type Channel = { workspaceId: string; id: string }

export type ReceivedRow = {
  id: string
  conversationId: string
  contactId: string
  address: string
  content: InboundContent
  wireId: string
  at: Date
  replyTo: string | undefined
  facts: Record<string, unknown> | undefined
}

/** Takes the network's ids, in order; those that were there are repeats. Answers our ids of the fresh ones. */
export async function takeWireIds(db: Db, channel: Channel, wires: readonly { wireId: string; messageId: string }[]): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{ message_id: string }>`insert into wire_ids (workspace_id, channel_id, wire_id, message_id)
      select ${channel.workspaceId}, ${channel.id}, w.wire_id, w.message_id
      from unnest(${wires.map(({ wireId }) => wireId)}::text[], ${wires.map(({ messageId }) => messageId)}::uuid[]) as w(wire_id, message_id) order by w.wire_id
      on conflict do nothing returning message_id`,
  )
  return new Set(rows.map(({ message_id }) => message_id))
}

export async function insertReceived(db: Db, channel: Channel, rows: readonly ReceivedRow[]): Promise<void> {
  await run(
    db,
    sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, contact_id, address, state, content, wire_id, reply_to, facts, origin, created_at)
      select ${channel.workspaceId}, r.id, 'in', ${channel.id}, r.conversation_id, r.contact_id, r.address, 'received', r.content::jsonb, r.wire_id, r.reply_to, r.facts::jsonb, 'phone', r.at
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.conversationId)}::uuid[], ${rows.map((row) => row.contactId)}::uuid[],
        ${rows.map((row) => row.address)}::text[], ${rows.map((row) => JSON.stringify(row.content))}::text[], ${rows.map((row) => row.wireId)}::text[],
        ${rows.map((row) => row.replyTo ?? null)}::uuid[], ${rows.map((row) => (row.facts ? JSON.stringify(row.facts) : null))}::text[], ${rows.map((row) => row.at)}::timestamptz[])
        as r(id, conversation_id, contact_id, address, content, wire_id, reply_to, facts, at)`,
  )
}

/** Opens the 24-hour window and counts what is to be read; conversations are locked in order. */
export async function touchConversations(db: Db, rows: readonly ReceivedRow[], isToRead: (row: ReceivedRow) => boolean): Promise<void> {
  await run(
    db,
    sql`with fresh as (
        select conversation_id as id, (count(*) filter (where to_read))::integer as unread, max(at) as at
        from unnest(${rows.map((row) => row.conversationId)}::uuid[], ${rows.map((row) => row.at)}::timestamptz[], ${rows.map(isToRead)}::boolean[]) as r(conversation_id, at, to_read) group by 1
      ), locked as (select c.id, f.unread, f.at from conversations c join fresh f on f.id = c.id order by c.id for update of c)
      update conversations c set unread = c.unread + l.unread, last_inbound_at = greatest(c.last_inbound_at, least(l.at, chasqui_now())), last_message_at = greatest(c.last_message_at, least(l.at, chasqui_now()))
      from locked l where c.id = l.id`,
  )
}

/** What waits for these people, being cold until now, is due. Answers its queues. */
export async function freeFromLine(db: Db, channel: Channel, contactIds: readonly string[]): Promise<number[]> {
  const rows = await all(
    db,
    sql<{ queue_id: number }>`with freed as (
        select o.subject from conversations c join outbox_sends o on o.conversation_id = c.id
        where c.channel_id = ${channel.id} and c.contact_id = any(${contactIds}::uuid[]) and (o.in_line or o.parked) order by o.subject for update of o
      ) update outbox_sends o set due_at = least(o.due_at, chasqui_now()), in_line = false, parked = false where o.subject = any(array(select subject from freed)) returning o.queue_id`,
  )
  return [...new Set(rows.map(({ queue_id }) => queue_id))]
}

/** Files that still lie with the network are fetched as work of their own, however often that takes. */
export async function insertFetches(db: Db, channel: Channel, messageIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`insert into outbox (kind, subject, workspace_id, order_at, due_at)
      select 'task', id, ${channel.workspaceId}, chasqui_now(), chasqui_now() from unnest(${messageIds}::uuid[]) as m(id)`,
  )
}

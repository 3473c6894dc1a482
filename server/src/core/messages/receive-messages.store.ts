import { all, type Db, run, sql } from '#kit/db'
import { type HeardRow, isToRead } from './heard.ts'
import { OWN_WIRE_ID } from './wire-id-of.ts'

type Channel = { workspaceId: string; id: string }

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

/** Of what the owner wrote on the phone: what is a message of ours that was sent and not yet settled. Wire id -> that message. */
export async function findEchoes(
  db: Db,
  channel: Channel,
  wires: readonly { wireId: string; address: string }[],
): Promise<Map<string, string>> {
  const asked = wires.filter(({ wireId }) => OWN_WIRE_ID.test(wireId))
  if (asked.length === 0) return new Map()
  const rows = await all(
    db,
    sql<{
      wire_id: string
      id: string
    }>`select k.wire_id, m.id from unnest(${asked.map(({ wireId }) => wireId)}::text[], ${asked.map(({ address }) => address)}::text[]) as k(wire_id, address)
      cross join lateral (select id from conversations where channel_id = ${channel.id} and address = k.address limit 1) v
      cross join lateral (
        select id, direction, wire_id from messages where conversation_id = v.id and workspace_id = ${channel.workspaceId} order by id desc limit ${ECHO_AMONG}
      ) m
      where m.direction = 'out' and m.wire_id is null and upper(right(replace(m.id::text, '-', ''), 18)) = substr(k.wire_id, 5)`,
  )
  return new Map(rows.map((row) => [row.wire_id, row.id]))
}

/** Of what people wrote: what bears the id of a message of ours that is on its way to that very conversation. They can know it before we are told that it went. */
export async function findUnderWay(db: Db, channel: Channel, wires: readonly { wireId: string; address: string }[]): Promise<Set<string>> {
  const asked = wires.filter(({ wireId }) => OWN_WIRE_ID.test(wireId))
  if (asked.length === 0) return new Set()
  const rows = await all(
    db,
    sql<{
      wire_id: string
    }>`select k.wire_id from unnest(${asked.map(({ wireId }) => wireId)}::text[], ${asked.map(({ address }) => address)}::text[]) as k(wire_id, address)
      cross join lateral (select id from conversations where channel_id = ${channel.id} and address = k.address limit 1) v
      cross join lateral (select subject from outbox_sends where conversation_id = v.id limit ${ECHO_AMONG}) o
      where upper(right(replace(o.subject::text, '-', ''), 18)) = substr(k.wire_id, 5)`,
  )
  return new Set(rows.map(({ wire_id }) => wire_id))
}

/** Whose message goes by a wire id: where it stands, and everything that its writer is called. */
export type Holder = { wireId: string; direction: 'in' | 'out'; address: string; names: readonly string[] }

/** A look each. Without those whose message is not there any more. */
export async function findHolders(db: Db, channel: Channel, wireIds: readonly string[]): Promise<Map<string, Holder>> {
  const rows = await all(
    db,
    sql<Holder>`select k.wire_id as "wireId", m.direction, m.address, array_remove(array[m.facts ->> 'sender', m.facts ->> 'participant'], null) || i.names as names
      from unnest(${wireIds}::text[]) as k(wire_id)
      cross join lateral (select message_id from wire_ids where workspace_id = ${channel.workspaceId} and channel_id = ${channel.id} and wire_id = k.wire_id limit 1) w
      cross join lateral (select * from messages where workspace_id = ${channel.workspaceId} and id = w.message_id limit 1) m
      cross join lateral (
        select coalesce(array_agg(value), '{}') as names from contact_identities where workspace_id = ${channel.workspaceId} and contact_id = m.contact_id
      ) i`,
  )
  return new Map(rows.map((row) => [row.wireId, row]))
}

/** The last messages of a conversation, among which an echo finds the one that it repeats; as many are looked through of those on their way. */
const ECHO_AMONG = 200

/** Wire ids that were taken for something new are those of messages that we had. */
export async function giveWireIds(db: Db, channel: Channel, wires: ReadonlyMap<string, string>): Promise<void> {
  await run(
    db,
    sql`update wire_ids w set message_id = k.message_id from unnest(${[...wires.keys()]}::text[], ${[...wires.values()]}::uuid[]) as k(wire_id, message_id)
      where w.workspace_id = ${channel.workspaceId} and w.channel_id = ${channel.id} and w.wire_id = k.wire_id`,
  )
}

export async function insertHeard(db: Db, channel: Channel, rows: readonly HeardRow[], origin: 'phone' | 'deed'): Promise<void> {
  await run(
    db,
    sql`insert into messages (workspace_id, id, direction, channel_id, conversation_id, contact_id, address, state, content, wire_id, reply_to, facts, origin, created_at, sent_at, ended_at, code, reason)
      select ${channel.workspaceId}, r.id, r.direction, ${channel.id}, r.conversation_id, r.contact_id, r.address, r.state, r.content::jsonb, r.wire_id, r.reply_to, r.facts::jsonb, ${origin}, r.at,
        case when r.direction = 'out' and r.state <> 'failed' then r.at end, case when r.state = 'failed' then r.at end,
        case when r.state = 'failed' then 'not_sent' end, case when r.state = 'failed' then 'The phone could not send it' end
      from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.direction)}::text[], ${rows.map((row) => row.state)}::text[],
        ${rows.map((row) => row.conversationId)}::uuid[], ${rows.map((row) => row.contactId ?? null)}::uuid[],
        ${rows.map((row) => row.address)}::text[], ${rows.map((row) => JSON.stringify(row.content))}::text[], ${rows.map((row) => row.wireId)}::text[],
        ${rows.map((row) => row.replyTo ?? null)}::uuid[], ${rows.map((row) => (row.facts ? JSON.stringify(row.facts) : null))}::text[], ${rows.map((row) => row.at)}::timestamptz[])
        as r(id, direction, state, conversation_id, contact_id, address, content, wire_id, reply_to, facts, at)`,
  )
}

/** What people wrote opens the 24-hour window and counts as to be read; conversations are locked in order. */
export async function touchConversations(db: Db, rows: readonly HeardRow[]): Promise<void> {
  await run(
    db,
    sql`with fresh as (
        select conversation_id as id, (count(*) filter (where to_read))::integer as unread, max(at) filter (where inbound) as inbound_at, max(at) as at
        from unnest(${rows.map((row) => row.conversationId)}::uuid[], ${rows.map((row) => row.at)}::timestamptz[], ${rows.map(isToRead)}::boolean[],
          ${rows.map(({ direction }) => direction === 'in')}::boolean[]) as r(conversation_id, at, to_read, inbound) group by 1
      ), locked as (select c.id, f.unread, f.inbound_at, f.at from conversations c join fresh f on f.id = c.id order by c.id for update of c)
      update conversations c set unread = c.unread + l.unread, last_inbound_at = case when l.inbound_at is null then c.last_inbound_at else greatest(c.last_inbound_at, least(l.inbound_at, chasqui_now())) end,
        last_message_at = greatest(c.last_message_at, least(l.at, chasqui_now()))
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

/** Files that still lie with the network are fetched as work of their own, however often that takes; those of old messages one by one, the newest first. */
export async function insertFetches(db: Db, channel: Channel, messages: readonly { id: string; at: Date }[]): Promise<void> {
  await run(
    db,
    sql`insert into outbox (kind, subject, workspace_id, order_at, due_at)
      select 'task', id, ${channel.workspaceId}, chasqui_now(), case when at > chasqui_now() - interval '1 hour' then chasqui_now()
        else chasqui_now() + interval '1 minute' + row_number() over (order by at desc) * interval '1 second' end
      from unnest(${messages.map(({ id }) => id)}::uuid[], ${messages.map(({ at }) => at)}::timestamptz[]) as m(id, at)`,
  )
}

import { type RawBuilder, sql } from '#kit/db'
import { ENDED_STATES, type MessageState } from './message-state.ts'

export type MessageFilter = {
  /** Only among these: the few that can match were found before. */
  ids?: readonly string[] | undefined
  states?: readonly MessageState[] | undefined
  /** Waiting ones only: due (true) or still ahead (false). */
  due?: { now: Date; is: boolean } | undefined
  direction?: 'in' | 'out' | undefined
  channelId?: string | undefined
  conversationId?: string | undefined
  contactId?: string | undefined
  address?: string | undefined
  recurrenceId?: string | undefined
  origins?: readonly string[] | undefined
  contentTypes?: readonly string[] | undefined
  search?: string | undefined
  searchAny?: readonly string[] | undefined
  /** The network knows it. */
  onWire?: boolean | undefined
  /** How the type of its file begins. */
  mimePrefix?: string | undefined
  /** Part of the name of its file. */
  filename?: string | undefined
  /** Who wrote it: an address, or within a group what the road calls the person. */
  sender?: string | undefined
  since?: Date | undefined
  until?: Date | undefined
}

const WORDS = sql`coalesce(m.content ->> 'text', m.content ->> 'caption', m.content ->> 'question')`
const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')
const containing = (text: string) => `%${escapeLike(text)}%`
const fileOf = (column: 'mime_type' | 'filename') =>
  sql`(select f.${sql.raw(column)} from media f where f.workspace_id = m.workspace_id and f.id = (m.content ->> 'mediaId')::uuid)`

/** What a search asks of messages `m`. */
export function conditions(workspaceId: string, filter: MessageFilter): RawBuilder<unknown> {
  const { ids, states, due, direction, channelId, conversationId, contactId, address, origins, onWire, sender, since, until } = filter
  const parts: RawBuilder<unknown>[] = [sql`m.workspace_id = ${workspaceId}`, ...contentConditions(filter)]
  if (states) parts.push(sql`m.state = any(${states}::text[])`)
  // these few have an index of their own
  if (states?.every((state) => ENDED_STATES.has(state))) parts.push(sql`m.ended_at is not null`)
  if (due) parts.push(due.is ? sql`(m.send_at is null or m.send_at <= ${due.now})` : sql`m.send_at > ${due.now}`)
  if (direction) parts.push(sql`m.direction = ${direction}`)
  if (channelId) parts.push(sql`m.channel_id = ${channelId}`)
  if (conversationId) parts.push(sql`m.conversation_id = ${conversationId}`)
  // by way of their conversations, which messages have an index for
  if (contactId)
    parts.push(
      sql`m.conversation_id = any(array(select v.id from conversations v where v.workspace_id = ${workspaceId} and v.contact_id = ${contactId}))`,
    )
  if (address) {
    parts.push(
      sql`m.conversation_id = any(array(select v.id from channels c join conversations v on v.channel_id = c.id and v.address = ${address} where c.workspace_id = ${workspaceId}))`,
    )
  }
  if (filter.recurrenceId) parts.push(sql`m.recurrence_id = ${filter.recurrenceId}`)
  if (ids) parts.push(sql`m.id = any(${ids}::uuid[])`)
  if (origins) parts.push(sql`m.origin = any(${origins}::text[])`)
  if (onWire !== undefined) parts.push(onWire ? sql`m.wire_id is not null` : sql`m.wire_id is null`)
  if (sender !== undefined)
    parts.push(sql`m.direction = 'in' and coalesce(m.facts ->> 'sender', m.address) in (${sender}, ${sender.replace(/^\+/, '')})`)
  // ids are by the time at which a row was made, which is no earlier than what it tells of
  if (since) parts.push(sql`m.created_at >= ${since} and m.id >= chasqui_uuid_floor(${since}::timestamptz - interval '1 hour')`)
  if (until) parts.push(sql`m.created_at <= ${until}`)
  return sql.join(parts, sql` and `)
}

function contentConditions({ contentTypes, search, searchAny, mimePrefix, filename }: MessageFilter): RawBuilder<unknown>[] {
  const parts: RawBuilder<unknown>[] = []
  if (contentTypes) parts.push(sql`m.content ->> 'type' = any(${contentTypes}::text[])`)
  if (search) parts.push(sql`${WORDS} ilike ${containing(search)}`)
  if (searchAny) parts.push(sql`${WORDS} ilike any(${searchAny.map(containing)}::text[])`)
  if (mimePrefix !== undefined)
    parts.push(sql`coalesce(${fileOf('mime_type')}, m.content -> 'remoteMedia' ->> 'mimeType') ilike ${`${escapeLike(mimePrefix)}%`}`)
  if (filename !== undefined) parts.push(sql`coalesce(m.content ->> 'filename', ${fileOf('filename')}) ilike ${containing(filename)}`)
  return parts
}

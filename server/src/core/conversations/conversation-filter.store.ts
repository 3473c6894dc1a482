import { type RawBuilder, sql } from '#kit/db'
import type { ConversationKind, ConversationState } from './conversation.ts'

export type ConversationFilter = {
  state?: ConversationState | undefined
  channelId?: string | undefined
  contactId?: string | undefined
  archived?: boolean | undefined
  pinned?: boolean | undefined
  markedUnread?: boolean | undefined
  kinds?: readonly ConversationKind[] | undefined
  /** With a message no earlier than this. */
  since?: Date | undefined
  /** Only among these: those that a search found. */
  ids?: readonly string[] | undefined
  /** Only where we know a name. */
  named?: boolean | undefined
  /** One for each address, whatever the number of channels: the one with the latest message. */
  oneEach?: boolean | undefined
}

// as the partial indexes have them
const IS: Record<Exclude<ConversationKind, 'contact'>, RawBuilder<unknown>> = {
  group: sql`v.address like '%@g.us'`,
  newsletter: sql`v.address like '%@newsletter'`,
}
const KIND: Record<ConversationKind, RawBuilder<unknown>> = {
  ...IS,
  contact: sql`(not ${IS.group} and not ${IS.newsletter})`,
}

/** What a search asks of conversations `v`; `whole`: all of them are read, to be counted. */
export function conversationConditions(workspaceId: string, filter: ConversationFilter, whole = false): RawBuilder<unknown> {
  const { state, channelId, contactId, markedUnread, kinds, since, ids, named, oneEach } = filter
  const parts: RawBuilder<unknown>[] = [sql`v.workspace_id = ${workspaceId}`, ...markConditions(filter)]
  if (state) parts.push(sql`v.state = ${state}`)
  if (channelId) parts.push(sql`v.channel_id = ${channelId}`)
  if (contactId) parts.push(sql`v.contact_id = ${contactId}`)
  if (markedUnread !== undefined) parts.push(markedUnread ? sql`v.marked_unread` : sql`not v.marked_unread`)
  if (kinds)
    parts.push(
      sql`(${sql.join(
        kinds.map((kind) => KIND[kind]),
        sql` or `,
      )})`,
    )
  if (since) parts.push(sql`v.last_message_at >= ${since}`)
  if (ids) parts.push(sql`v.id = any(${ids}::uuid[])`)
  if (named) parts.push(sql`exists (select 1 from contacts n where n.id = v.contact_id and coalesce(n.name, n.profile_name) is not null)`)
  if (oneEach) parts.push(sql`not exists (${later(workspaceId, whole)})`)
  return sql.join(parts, sql` and `)
}

function markConditions({ archived, pinned }: ConversationFilter): RawBuilder<unknown>[] {
  const marked = (column: 'archived_at' | 'pinned_at', is: boolean | undefined) =>
    is === undefined ? [] : [sql`v.${sql.raw(column)} is ${sql.raw(is ? 'not null' : 'null')}`]
  return [...marked('archived_at', archived), ...marked('pinned_at', pinned)]
}

/** Another conversation at the same address, in which was talked later: for a page one look by each channel, for a count one pass over all. */
function later(workspaceId: string, whole: boolean): RawBuilder<unknown> {
  const from = whole
    ? sql`conversations o where o.workspace_id = ${workspaceId} and o.address = v.address`
    : sql`channels h join conversations o on o.channel_id = h.id and o.address = v.address where h.workspace_id = ${workspaceId}`
  return sql`select 1 from ${from} and (o.last_message_at, o.id) > (v.last_message_at, v.id)`
}

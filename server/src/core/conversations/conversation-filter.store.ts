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
  /** Words of a name, or digits of a number. */
  search?: string | undefined
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

/** What a search asks of conversations `v`. */
export function conversationConditions(workspaceId: string, filter: ConversationFilter): RawBuilder<unknown> {
  const { state, channelId, contactId, markedUnread, kinds, since, search, named, oneEach } = filter
  const parts: RawBuilder<unknown>[] = [sql`v.workspace_id = ${workspaceId}`, ...markConditions(filter)]
  if (state) parts.push(sql`v.state = ${state}`)
  if (channelId) parts.push(sql`v.channel_id = ${channelId}`)
  if (contactId) parts.push(sql`v.contact_id = ${contactId}`)
  if (markedUnread !== undefined) parts.push(sql`v.marked_unread = ${markedUnread}`)
  if (kinds)
    parts.push(
      sql`(${sql.join(
        kinds.map((kind) => KIND[kind]),
        sql` or `,
      )})`,
    )
  if (since) parts.push(sql`v.last_message_at >= ${since}`)
  if (search !== undefined) parts.push(matches(search))
  if (named) parts.push(sql`exists (select 1 from contacts n where n.id = v.contact_id and coalesce(n.name, n.profile_name) is not null)`)
  if (oneEach)
    parts.push(sql`not exists (select 1 from channels h join conversations o on o.channel_id = h.id and o.address = v.address
      where h.workspace_id = v.workspace_id and (o.last_message_at, o.id) > (v.last_message_at, v.id))`)
  return sql.join(parts, sql` and `)
}

function markConditions({ archived, pinned }: ConversationFilter): RawBuilder<unknown>[] {
  const marked = (column: 'archived_at' | 'pinned_at', is: boolean | undefined) =>
    is === undefined ? [] : [sql`v.${sql.raw(column)} is ${sql.raw(is ? 'not null' : 'null')}`]
  return [...marked('archived_at', archived), ...marked('pinned_at', pinned)]
}

const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

function matches(search: string): RawBuilder<unknown> {
  const digits = search.replace(/\D/g, '')
  const number = digits.length > 2 ? sql`or v.address like ${`%${digits}%`}` : sql``
  const pattern = containing(search)
  return sql`(v.address ilike ${pattern} ${number}
    or exists (select 1 from contacts s where s.id = v.contact_id and (s.name ilike ${pattern} or s.profile_name ilike ${pattern})))`
}

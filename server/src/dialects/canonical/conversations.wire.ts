import { z } from 'zod'
import { CONVERSATION_KINDS, type Conversation, conversationKind, windowClosesAt } from '#core/conversations'
import { Id, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime, Time } from './lists.wire.ts'

const Truth = z.enum(['true', 'false']).transform((word) => word === 'true')
const Kinds = z
  .string()
  .max(64)
  .transform((text) => text.split(',').map((word) => word.trim()))
  .pipe(z.array(z.enum(CONVERSATION_KINDS)).min(1).max(3))
  .meta({ description: 'One or several of contact, group, newsletter, with commas', examples: ['contact,group'] })

export const ConversationQuery = z.strictObject({
  ...Paging,
  state: z.enum(['open', 'pending', 'resolved', 'snoozed']).optional(),
  channelId: Id('cha').optional(),
  contactId: Id('con').optional(),
  search: z.string().trim().min(1).max(200).optional().describe('Part of a name or of a number'),
  kind: Kinds.optional(),
  archived: Truth.optional(),
  pinned: Truth.optional(),
  markedUnread: Truth.optional(),
  since: Time.optional().describe('With a message no earlier than this'),
  order: z.enum(['latest', 'earliest']).optional(),
})

export const NewConversation = z
  .strictObject({ to: z.string().min(1).max(256).describe('A phone number, a group, or a WhatsApp id'), channelId: Id('cha').optional() })
  .meta({ example: { to: '+14155550123' } })
export const ConversationEdit = z
  .strictObject({ archived: z.boolean().optional(), pinned: z.boolean().optional(), markedUnread: z.boolean().optional() })
  .refine((edit) => Object.keys(edit).length > 0, 'nothing to change')
  .meta({ example: { archived: true } })

/** The core's search for a query. */
export const searchOf = ({ kind, ...query }: z.output<typeof ConversationQuery>) => ({ ...query, kinds: kind })

export const ShownConversation = z.object({
  id: ShownId('cnv'),
  channelId: ShownId('cha'),
  contactId: ShownId('con').nullable(),
  address: z.string().describe('A phone number, a group, or a WhatsApp id'),
  kind: z.enum(CONVERSATION_KINDS),
  state: z.enum(['open', 'pending', 'resolved', 'snoozed']),
  archived: z.boolean(),
  pinned: z.boolean(),
  markedUnread: z.boolean(),
  unread: z.int(),
  windowClosesAt: ShownTime.nullable().describe('Until then free-form messages may be sent on cloud channels; null: only templates'),
  lastInboundAt: ShownTime.nullable(),
  lastMessageAt: ShownTime,
  createdAt: ShownTime,
})
export const ConversationList = ListOf(ShownConversation)

export const showConversation = (conversation: Conversation, now: Date) => ({
  id: showId('cnv', conversation.id),
  channelId: showId('cha', conversation.channelId),
  contactId: showMaybe('con', conversation.contactId),
  address: conversation.address,
  kind: conversationKind(conversation),
  state: conversation.state,
  archived: conversation.archivedAt !== undefined,
  pinned: conversation.pinnedAt !== undefined,
  markedUnread: conversation.markedUnread,
  unread: conversation.unread,
  windowClosesAt: showTime(windowClosesAt(conversation, now)),
  lastInboundAt: showTime(conversation.lastInboundAt),
  lastMessageAt: showTime(conversation.lastMessageAt),
  createdAt: showTime(conversation.createdAt),
})

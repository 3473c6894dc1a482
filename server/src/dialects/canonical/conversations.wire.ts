import { z } from 'zod'
import { type Conversation, windowClosesAt } from '#core/conversations'
import { Id, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime } from './lists.wire.ts'

export const ConversationQuery = z.strictObject({
  ...Paging,
  state: z.enum(['open', 'pending', 'resolved', 'snoozed']).optional(),
  channelId: Id('cha').optional(),
  contactId: Id('con').optional(),
})

export const ShownConversation = z.object({
  id: ShownId('cnv'),
  channelId: ShownId('cha'),
  contactId: ShownId('con').nullable(),
  address: z.string().describe('A phone number, a group, or a WhatsApp id'),
  state: z.enum(['open', 'pending', 'resolved', 'snoozed']),
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
  state: conversation.state,
  unread: conversation.unread,
  windowClosesAt: showTime(windowClosesAt(conversation, now)),
  lastInboundAt: showTime(conversation.lastInboundAt),
  lastMessageAt: showTime(conversation.lastMessageAt),
  createdAt: showTime(conversation.createdAt),
})

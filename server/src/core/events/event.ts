/** Every fact the house can tell, by name. */
export const EVENT_TYPES = [
  'message.accepted',
  'message.sending',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.played',
  'message.failed',
  'message.cancelled',
  'message.expired',
  'message.skipped',
  'message.edited',
  'message.recovered',
  'message.received',
  'message.reacted',
  'message.poll_voted',
  'message.deleted',
  'message.file_stored',
  'message.file_missing',
  'message.pinned',
  'message.unpinned',
  'conversation.opened',
  'conversation.updated',
  'contact.created',
  'contact.updated',
  'contact.deleted',
  'contact.opted_out',
  'contact.opted_in',
  'campaign.scheduled',
  'campaign.started',
  'campaign.paused',
  'campaign.guarded',
  'campaign.resumed',
  'campaign.completed',
  'campaign.cancelled',
  'campaign.failed',
  'group.created',
  'group.updated',
  'group.member_joined',
  'group.member_added',
  'group.member_left',
  'group.member_removed',
  'group.admin_changed',
  'channel.opened',
  'channel.degraded',
  'channel.closed',
  'channel.guarded',
  'channel.notice',
  'channel.qr',
  'channel.history',
  'recurrence.created',
  'recurrence.updated',
  'recurrence.paused',
  'recurrence.resumed',
  'recurrence.skipped',
  'recurrence.completed',
  'recurrence.cancelled',
  'webhook.disabled',
  'webhook.gap',
  'webhook.test',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** One fact. seq has no gaps within a workspace and is the cursor of every reader. */
export type Event = {
  id: string
  workspaceId: string
  seq: number
  type: EventType
  /** messageId, conversationId, contactId, channelId, endpointId, recurrenceId … */
  subjects: Readonly<Record<string, string>>
  facts: Readonly<Record<string, unknown>>
  at: Date
}

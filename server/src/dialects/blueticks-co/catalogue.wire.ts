import type { EventType } from '#core/events'

/** The 27 events of this product. */
export const CATALOGUE = [
  'message.queued',
  'message.sending',
  'message.delivered',
  'message.failed',
  'message.read',
  'session.connected',
  'session.disconnected',
  'campaign.started',
  'campaign.paused',
  'campaign.resumed',
  'campaign.completed',
  'campaign.aborted',
  'new_message_received_webhook',
  'message_reaction_webhook',
  'ack_changed_webhook',
  'participant_joined_via_link_webhook',
  'participant_added_by_admin_webhook',
  'participant_left_group_webhook',
  'participant_kicked_from_group_webhook',
  'group_admin_changed_webhook',
  'group_name_changed_webhook',
  'group_description_changed_webhook',
  'group_message_pinned_webhook',
  'poll_vote_webhook',
  'reply_to_my_message_webhook',
  'message_deleted_revoked_webhook',
  'message_edited_webhook',
] as const
export type EventName = (typeof CATALOGUE)[number]

/** Our events -> what may be told of them here, each name by a body of its own. What is not here is not told. */
export const NAMES_OF: Readonly<Partial<Record<EventType, readonly EventName[]>>> = {
  'message.accepted': ['message.queued'],
  'message.sending': ['message.queued', 'message.sending'],
  'message.sent': ['ack_changed_webhook'],
  'message.delivered': ['message.delivered', 'ack_changed_webhook'],
  'message.read': ['message.read', 'ack_changed_webhook'],
  'message.played': ['ack_changed_webhook'],
  'message.failed': ['message.failed', 'ack_changed_webhook'],
  'message.expired': ['message.failed'],
  'message.received': ['new_message_received_webhook', 'reply_to_my_message_webhook'],
  'message.reacted': ['message_reaction_webhook'],
  'message.poll_voted': ['poll_vote_webhook'],
  'message.edited': ['message_edited_webhook'],
  'message.deleted': ['message_deleted_revoked_webhook'],
  'campaign.started': ['campaign.started'],
  'campaign.paused': ['campaign.paused'],
  'campaign.guarded': ['campaign.paused'],
  'campaign.resumed': ['campaign.resumed'],
  'campaign.completed': ['campaign.completed'],
  'campaign.cancelled': ['campaign.aborted'],
  'campaign.failed': ['campaign.aborted'],
  'channel.opened': ['session.connected'],
  'channel.closed': ['session.disconnected'],
}

/** What the callbackUrl of one message hears. */
export const CALLBACK_NAMES: readonly EventName[] = [
  'message.queued',
  'message.sending',
  'message.delivered',
  'message.read',
  'message.failed',
]

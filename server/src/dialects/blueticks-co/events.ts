import { type CountedCampaign, loadCampaigns } from '#core/campaigns'
import { type Channel, type ChannelState, findChannels } from '#core/channels'
import type { Event, EventType } from '#core/events'
import { findGroupChanges, type KeptChange } from '#core/groups'
import { findMessages, type Message } from '#core/messages'
import type { WebhookStyle } from '#core/webhooks'
import type { Db } from '#kit/db'
import type { Door } from '#kit/door'
import { showEngine } from './account.wire.ts'
import type { Around } from './around.ts'
import { isCampaignEvent, showCampaignEvent } from './campaigns.wire.ts'
import { CALLBACK_NAMES, type EventName, NAMES_OF } from './catalogue.wire.ts'
import { showChatMessage } from './chat-message.wire.ts'
import { envelope, isLifeEvent, showAckChange, showDeed, showEdited, showLife, showPinned } from './events.wire.ts'
import { showAdminChange, showMembership, showNewWords } from './groups.wire.ts'
import { showId } from './ids.wire.ts'
import { loadAround } from './load-around.ts'
import { signWebhook } from './sign-webhook.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How this door tells events: its envelope, its two signatures and that of Standard Webhooks. */
export const webhooks = (house: Pick<Door, 'publicUrl'>): WebhookStyle => ({
  retryAfterMs: [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  disableAfter: { kind: 'failuresInARow', failures: 8 },
  async render(db, workspaceId, events, endpoint) {
    const known = await joinEvents(db, workspaceId, events, house.publicUrl)
    const names = endpoint?.events ?? CALLBACK_NAMES
    return new Map(events.map((event) => [event.seq, tell(event, names, known).map(({ type, data }) => envelope(event, type, data))]))
  },
  wants: (names, event: Event) => (NAMES_OF[event.type] ?? []).some((name) => names.includes(name)),
  headers: signWebhook,
})

type Told = { type: EventName; data: object }

type Known = {
  messages: ReadonlyMap<string, Message>
  channels: ReadonlyMap<string, Channel>
  campaigns: ReadonlyMap<string, CountedCampaign>
  changes: ReadonlyMap<string, KeptChange>
  around: Around
}

/** What the events are about. What was erased is not there any more. */
async function joinEvents(db: Db, workspaceId: string, events: readonly Event[], publicUrl: string): Promise<Known> {
  const messageIds = idsOf(events, 'messageId', 'targetMessageId')
  const channelIds = idsOf(
    events.filter(({ type }) => /^(channel|campaign)\./.test(type)),
    'channelId',
  )
  const changeIds = idsOf(events, 'groupChangeId')
  const changes = changeIds.length > 0 ? await findGroupChanges(db, workspaceId, changeIds) : []
  const messages = messageIds.length > 0 ? await findMessages(db, workspaceId, messageIds) : []
  const channels = channelIds.length > 0 ? await findChannels(db, workspaceId, channelIds) : []
  return {
    messages: byId(messages),
    channels: byId(channels),
    campaigns: byId(
      await loadCampaigns(
        db,
        workspaceId,
        idsOf(
          events.filter(({ type }) => type.startsWith('campaign.')),
          'campaignId',
        ),
      ),
    ),
    changes: byId(changes),
    around: await loadAround(db, workspaceId, messages, publicUrl),
  }
}

const idsOf = (events: readonly Event[], ...subjects: string[]): string[] => [
  ...new Set(events.flatMap((event) => subjects.flatMap((subject) => event.subjects[subject] ?? []))),
]
const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]))

/** Under every asked name that has something to say. */
const tell = (event: Event, names: readonly string[], known: Known): Told[] =>
  (NAMES_OF[event.type] ?? []).flatMap((type) => {
    const data = names.includes(type) ? dataOf(event, type, known) : undefined
    return data ? { type, data } : []
  })

function dataOf(event: Event, type: EventName, { messages, channels, campaigns, changes, around }: Known): object | undefined {
  if (event.type.startsWith('group.')) return showGroupChange(type, changes.get(event.subjects.groupChangeId ?? ''))
  if (type === 'session.connected' || type === 'session.disconnected') return session(event, channels.get(event.subjects.channelId ?? ''))
  if (isCampaignEvent(type)) {
    const campaign = campaigns.get(event.subjects.campaignId ?? '')
    return campaign && showCampaignEvent(campaign, channels.get(campaign.channelId)?.phone || undefined, type)
  }
  const message = messages.get(event.subjects.messageId ?? '')
  if (!message) return undefined
  if (type === 'group_message_pinned_webhook') return showPinned(event, message, messages, around)
  const target = messages.get(event.subjects.targetMessageId ?? '')
  if (type === 'message_edited_webhook') return showEdited(message, target, around, event.at)
  if (DEEDS.has(type)) return showDeed(message, target, around)
  if (message.direction === 'out') {
    if (type === 'ack_changed_webhook') return showAckChange(event, message)
    return isLifeEvent(type) && happened(event, type) ? showLife(message, type, around, event.at) : undefined
  }
  if (type === 'new_message_received_webhook') return showChatMessage(message, around, event.at)
  return target?.direction === 'out' ? showChatMessage(message, around, event.at) : undefined // an answer to us
}

/** What is done to a message, by a person or by the owner on the phone. */
const DEEDS: ReadonlySet<EventName> = new Set(['message_reaction_webhook', 'poll_vote_webhook', 'message_deleted_revoked_webhook'])

function showGroupChange(type: EventName, change: KeptChange | undefined): object | undefined {
  if (!change) return undefined
  if (type === 'group_admin_changed_webhook') return showAdminChange(change)
  if (type === 'group_name_changed_webhook') return showNewWords(change, 'name')
  if (type === 'group_description_changed_webhook') return showNewWords(change, 'description')
  return showMembership(change)
}

/** A message for later is queued when its time has come, which is when it starts; a further try of the same message starts nothing new. */
function happened({ type, facts }: Event, name: EventName): boolean {
  if (type === 'message.accepted') return facts.sendAt === undefined
  return type !== 'message.sending' || (facts.attempt === 1 && (name === 'message.sending' || facts.sendAt !== undefined))
}

const SESSION_STATES: Partial<Record<EventType, ChannelState>> = {
  'channel.opened': 'open',
  'channel.degraded': 'degraded',
  'channel.closed': 'closed',
}

const session = (event: Event, channel: Channel | undefined): object | undefined =>
  channel && {
    ...showEngine({ ...channel, state: SESSION_STATES[event.type] ?? channel.state }), // as it was then
    engineId: showId('eng', channel.id),
    phone: channel.phone || null,
    reason: event.facts.reason ?? null,
  }

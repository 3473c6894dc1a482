import type { Event } from '#core/events'
import type { Message, OutgoingMessage } from '#core/messages'
import type { Rendered } from '#core/webhooks'
import { sha256 } from '#kit/crypto'
import { derivedId } from '#kit/ids'
import type { Around } from './around.ts'
import { type EventName, NAMES_OF } from './catalogue.wire.ts'
import { showChatMessage } from './chat-message.wire.ts'
import { dual } from './dual.wire.ts'
import { showId } from './ids.wire.ts'
import { chatIdOf, showKey } from './key.wire.ts'
import { keyOf, senderOf } from './message-parts.wire.ts'
import { STATES } from './states.wire.ts'
import { showStored } from './stored-message.wire.ts'

/** One body of an event; `created_at` was never spelled otherwise. */
export function envelope(event: Event, type: EventName, data: object): Rendered {
  const id = showId('evt', bodyId(event, type))
  const at = event.at.toISOString()
  return { eventId: id, type, body: JSON.stringify({ id, type, created_at: at, createdAt: at, data: dual(data) }) }
}

/** Receivers forget what repeats an id, so each name has its own: the event's for its main name, others derived from it. */
function bodyId({ id, at, type }: Event, name: EventName): string {
  const names = NAMES_OF[type] ?? []
  const main = names.find((one) => one === type) ?? names[0]
  return name === main ? id : derivedId(at, sha256(`${id} ${name}`))
}

/** The states of the events that tell of a message's life. */
const MOMENTS = {
  'message.queued': { state: 'scheduled', word: 'queued' },
  'message.sending': { state: 'sending', word: 'sending' },
  'message.delivered': { state: 'delivered', word: 'delivered' },
  'message.read': { state: 'read', word: 'read' },
  'message.failed': { state: 'failed', word: 'failed' },
} as const
export type LifeEvent = keyof typeof MOMENTS
export const isLifeEvent = (name: EventName): name is LifeEvent => name in MOMENTS

/** A message as it was at the event: what happened to it since is for later events to tell. */
export function showLife(message: OutgoingMessage, name: LifeEvent, around: Around, at: Date) {
  const { state, word } = MOMENTS[name]
  return { ...showStored(asOf(message, state), around, at), messageId: showId('msg', message.id), status: word }
}

function asOf(message: OutgoingMessage, state: (typeof MOMENTS)[LifeEvent]['state']): OutgoingMessage {
  const was = { ...message, state }
  if (state === 'read' || state === 'failed')
    return { ...was, playedAt: undefined, endedAt: state === 'failed' ? message.endedAt : undefined }
  const delivered = { ...was, playedAt: undefined, readAt: undefined, endedAt: undefined, failure: undefined }
  if (state === 'delivered') return delivered
  const started = { ...delivered, wireId: undefined, sentAt: undefined, deliveredAt: undefined }
  return state === 'scheduled' ? { ...started, sendingAt: undefined } : started
}

const ACKS = {
  'message.sent': { ack: STATES.sent.ack, before: () => STATES.sending.ack },
  'message.delivered': { ack: STATES.delivered.ack, before: () => STATES.sent.ack },
  'message.read': { ack: STATES.read.ack, before: (m: OutgoingMessage) => (m.deliveredAt ? STATES.delivered.ack : STATES.sent.ack) },
  'message.played': { ack: STATES.played.ack, before: (m: OutgoingMessage) => (m.readAt ? STATES.read.ack : STATES.delivered.ack) },
  'message.failed': { ack: STATES.failed.ack, before: (m: OutgoingMessage) => (m.sentAt ? STATES.sent.ack : STATES.sending.ack) },
} as const

/** undefined: no receipt, or of something that the network never had. */
export function showAckChange(event: Event, message: OutgoingMessage) {
  if (!(event.type in ACKS) || message.wireId === undefined) return undefined
  const { ack, before } = ACKS[event.type as keyof typeof ACKS] // asked in the line above
  return {
    key: keyOf(message)._serialized,
    chatId: chatIdOf(message.address),
    ack,
    previousAck: before(message),
    timestamp: event.at.toISOString(),
  }
}

/** What a person, or the owner on the phone, did to a message that was there already: the target's key where we know it, else by its wire id. */
export function showDeed(message: Message, target: Message | undefined, around: Around) {
  const { content } = message
  const wireId = 'wireId' in content && typeof content.wireId === 'string' ? content.wireId : undefined
  const key = target ? keyOf(target) : showKey({ fromMe: true, chatId: chatIdOf(message.address), wireId, participant: undefined })
  const base = {
    key: key._serialized,
    chatId: chatIdOf(message.address),
    from: senderOf(message, around),
    timestamp: message.createdAt.toISOString(),
  }
  switch (content.type) {
    case 'reaction':
      return { ...base, emoji: content.emoji }
    case 'poll_vote':
      return { ...base, pollQuestion: target?.content.type === 'poll' ? target.content.question : null, selectedOptions: content.options }
    case 'revoke':
      return { ...base, waMessageKey: key }
    default:
      return undefined
  }
}

/** An edited message: the target with its new words. */
export function showEdited(message: Message, target: Message | undefined, around: Around, at: Date) {
  if (message.content.type !== 'edit') return undefined
  const said = message.content.content as { text?: unknown } | null | undefined // whatever the network sent
  const shown = showChatMessage(target ?? message, around, at)
  return { ...shown, text: typeof said?.text === 'string' ? said.text : null, previousText: message.content.previousText ?? null }
}

/** A pin in a group: ours names the message itself, a person's the deed and its target. undefined: no group. */
export function showPinned(event: Event, message: Message, messages: ReadonlyMap<string, Message>, around: Around) {
  if (!message.address.endsWith('@g.us')) return undefined
  const { content } = message
  const target = content.type === 'pin' ? messages.get(event.subjects.targetMessageId ?? '') : message
  const key = target
    ? keyOf(target)
    : showKey({
        fromMe: false,
        chatId: message.address,
        wireId: content.type === 'pin' ? content.wireId : undefined,
        participant: undefined,
      })
  return {
    groupId: message.address,
    key: key._serialized,
    pinned: event.type === 'message.pinned',
    by: content.type === 'pin' ? senderOf(message, around) : chatIdOf(around.phones.get(message.channelId) ?? '+0'),
    timestamp: event.at.toISOString(),
  }
}

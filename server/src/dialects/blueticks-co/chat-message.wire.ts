import { type Message, type OutgoingMessage, shownState } from '#core/messages'
import type { Around } from './around.ts'
import { KINDS } from './content-kinds.wire.ts'
import { showId } from './ids.wire.ts'
import { chatIdOf } from './key.wire.ts'
import { authorIn, fileUrl, keyOf, senderOf, showLinkPreview, showTime, wordsOf } from './message-parts.wire.ts'
import { STATES } from './states.wire.ts'

/** WhatsApp's number of receipts; what was received has none. */
export const ackOf = (message: Message, now: Date): number | null =>
  message.direction === 'in' ? null : STATES[shownState(message, now)].ack

/** A message in a chat, either direction, with the first generation's fields beside. */
export function showChatMessage(message: Message, around: Around, now: Date) {
  const key = keyOf(message)
  const words = wordsOf(message) ?? null
  const { content } = message
  const file = 'mediaId' in content && content.mediaId !== undefined ? around.files.get(content.mediaId) : undefined
  return {
    id: showId('msg', message.id),
    waMessageKey: key,
    key: key._serialized,
    chatId: chatIdOf(message.address),
    to: message.direction === 'out' ? chatIdOf(message.address) : chatIdOf(around.phones.get(message.channelId) ?? '+0'),
    from: senderOf(message, around),
    author: authorIn(message),
    senderName: (message.contactId !== undefined ? around.names.get(message.contactId) : undefined) ?? null,
    text: words,
    type: KINDS[content.type] ?? content.type,
    fromMe: message.direction === 'out',
    ack: ackOf(message, now),
    mediaUrl: fileUrl(message, around),
    caption: 'caption' in content ? (content.caption ?? null) : null,
    filename: ('filename' in content ? content.filename : undefined) ?? file?.filename ?? null,
    linkPreview: showLinkPreview(message),
    quotedMessage: quotedOf(message, around),
    ...(message.direction === 'out' ? olderFields(message, now) : receivedFields(message)),
  }
}

function quotedOf({ replyTo }: Message, around: Around) {
  const quoted = replyTo === undefined ? undefined : around.quoted.get(replyTo)
  if (!quoted) return null
  return {
    waMessageKey: keyOf(quoted),
    text: wordsOf(quoted) ?? null,
    type: KINDS[quoted.content.type] ?? quoted.content.type,
    author: senderOf(quoted, around),
  }
}

function olderFields(message: OutgoingMessage, now: Date) {
  const isOver = message.state === 'failed' || message.state === 'expired' || message.state === 'skipped'
  return {
    timestamp: showTime(message.sentAt ?? message.sendAt ?? message.createdAt),
    status: STATES[shownState(message, now)].older,
    sendAt: showTime(message.sendAt),
    createdAt: showTime(message.createdAt),
    sentAt: showTime(message.sentAt),
    deliveredAt: showTime(message.deliveredAt),
    readAt: showTime(message.readAt),
    failedAt: isOver ? showTime(message.endedAt) : null,
    failureReason: message.failure?.reason ?? null,
  }
}

const receivedFields = ({ createdAt }: Message) => ({
  timestamp: showTime(createdAt),
  status: STATES.received.older,
  sendAt: null,
  createdAt: showTime(createdAt),
  sentAt: showTime(createdAt),
  deliveredAt: showTime(createdAt),
  readAt: null,
  failedAt: null,
  failureReason: null,
})

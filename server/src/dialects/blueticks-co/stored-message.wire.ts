import { type OutgoingMessage, shownState } from '#core/messages'
import { one } from './answers.wire.ts'
import type { Around } from './around.ts'
import { isMedia, kindOf } from './content-kinds.wire.ts'
import { showId } from './ids.wire.ts'
import { chatIdOf } from './key.wire.ts'
import { fileUrl, keyOf, showLinkPreview, showTime, wordsOf } from './message-parts.wire.ts'
import { STATES } from './states.wire.ts'

const OVER = new Set(['failed', 'expired', 'skipped'])

/** A message as the API keeps it. `status` is the present generation's word. */
export function showStored(message: OutgoingMessage, around: Around, now: Date) {
  const key = keyOf(message)
  const text = message.content.type === 'poll' ? undefined : wordsOf(message)
  return {
    id: (message.origin === 'direct' ? key._serialized : null) ?? showId('msg', message.id),
    waMessageKey: message.wireId === undefined ? null : key,
    key: key._serialized,
    to: chatIdOf(message.address),
    from: around.phones.get(message.channelId) ?? null,
    type: kindOf(message),
    text: text ?? null,
    ...mediaOf(message, around, text),
    ...pollOf(message),
    status: STATES[shownState(message, now)].status,
    ...timesOf(message),
    failureReason: message.failure?.reason ?? null,
    secret: message.tag ?? null,
    linkPreview: showLinkPreview(message),
    isRecurring: false,
    recurrenceRule: null,
  }
}

function mediaOf(message: OutgoingMessage, around: Around, caption: string | undefined) {
  const { content } = message
  if (!isMedia(content.type) || !('mediaId' in content))
    return { mediaUrl: null, mediaKind: null, mediaCaption: null, mediaFilename: null, mediaMimeType: null }
  const file = around.files.get(content.mediaId)
  return {
    mediaUrl: fileUrl(message, around),
    mediaKind: file?.mimeType === 'image/gif' ? 'gif' : content.type,
    mediaCaption: caption ?? null,
    mediaFilename: ('filename' in content ? content.filename : undefined) ?? file?.filename ?? null,
    mediaMimeType: file?.mimeType ?? null,
  }
}

function pollOf({ content }: OutgoingMessage) {
  if (content.type !== 'poll') return { pollQuestion: null, pollOptions: null, pollAllowMultiple: null }
  return { pollQuestion: content.question, pollOptions: content.options, pollAllowMultiple: content.allowMultiple }
}

function timesOf(message: OutgoingMessage) {
  const { sendAt, createdAt, sentAt, deliveredAt, readAt, playedAt, endedAt, editedAt, sendingAt } = message
  const known = [createdAt, sentAt, deliveredAt, readAt, playedAt, endedAt, editedAt, sendingAt].flatMap((time) => time?.getTime() ?? [])
  return {
    sendAt: showTime(sendAt),
    createdAt: createdAt.toISOString(),
    updatedAt: new Date(Math.max(...known)).toISOString(),
    confirmedAt: showTime(sentAt),
    sentAt: showTime(sentAt),
    receivedAt: showTime(deliveredAt),
    deliveredAt: showTime(deliveredAt),
    readAt: showTime(readAt),
    playedAt: showTime(playedAt),
    failedAt: OVER.has(message.state) ? showTime(endedAt) : null,
  }
}

/** The whole answer: the older word of the status at the top, the present one in `data`. */
export const storedAnswer = (message: OutgoingMessage, around: Around, now: Date) =>
  one(showStored(message, around, now), { status: STATES[shownState(message, now)].older })

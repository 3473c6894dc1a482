import type { LinkPreview } from '#core/links'
import { authorOf, linkPreviewOf, type Message } from '#core/messages'
import { type Around, mediaIdIn } from './around.ts'
import { showId } from './ids.wire.ts'
import { chatIdOf, showKey } from './key.wire.ts'

export const showTime = (time: Date | undefined): string | null => time?.toISOString() ?? null

/** WhatsApp's name of a message; without an id while the network does not know it. */
export function keyOf(message: Message) {
  const fromMe = message.direction === 'out'
  return showKey({ fromMe, chatId: chatIdOf(message.address), wireId: message.wireId, participant: authorIn(message) ?? undefined })
}

/** The chat id of whoever sent it. A channel that is gone without a trace is nobody. */
export function senderOf(message: Message, { phones }: Around): string {
  if (message.direction === 'out') return chatIdOf(phones.get(message.channelId) ?? '+0')
  return chatIdOf(authorOf(message) ?? message.address)
}

export function authorIn(message: Message): string | null {
  const author = authorOf(message)
  return author === undefined ? null : chatIdOf(author)
}

/** Where the file of a message can be fetched with the same key. */
export function fileUrl(message: Message, { publicUrl }: Pick<Around, 'publicUrl'>): string | null {
  const mediaId = mediaIdIn(message)
  return mediaId === undefined ? null : `${publicUrl}/v2/media/${showId('med', mediaId)}/content`
}

export const showPreview = ({ title, description, canonicalUrl, thumbnail }: LinkPreview) => ({
  title: title ?? null,
  description: description ?? null,
  canonicalUrl: canonicalUrl ?? null,
  thumbnail: thumbnail ?? null,
})

/** What is known of the page behind a message's link; at least its address. */
export function showLinkPreview(message: Message) {
  const preview = linkPreviewOf(message)
  return preview ? showPreview(preview) : null
}

/** Text of any content: what a person would read. */
export function wordsOf({ content }: Message): string | undefined {
  switch (content.type) {
    case 'text':
      return content.text
    case 'image':
    case 'video':
    case 'document':
      return 'caption' in content ? content.caption : undefined
    case 'reaction':
      return content.emoji
    case 'interactive':
      return content.interactive.body
    case 'reply':
      return content.title
    case 'poll':
      return content.question
    case 'location':
      return content.name
    case 'order':
      return content.text
    default:
      return undefined
  }
}

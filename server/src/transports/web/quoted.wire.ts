import type { proto } from 'baileys'
import type { InboundContent } from '#core/content'

const QUOTE_MOST = 1_024

/** A message as others see it quoted: what we hold of it, in short. */
export function toQuoted(content: InboundContent | undefined): proto.IMessage {
  const caption = content && 'caption' in content ? content.caption?.slice(0, QUOTE_MOST) : undefined
  switch (content?.type) {
    case 'text':
      return { conversation: content.text.slice(0, QUOTE_MOST) }
    case 'image':
      return { imageMessage: { mimetype: 'image/jpeg', ...(caption && { caption }) } }
    case 'video':
      return { videoMessage: { mimetype: 'video/mp4', ...(caption && { caption }) } }
    case 'audio':
    case 'voice':
      return { audioMessage: { mimetype: 'audio/ogg', ptt: content.type === 'voice' } }
    case 'document':
      return { documentMessage: { fileName: content.filename ?? 'file', ...(caption && { caption }) } }
    case 'sticker':
      return { stickerMessage: { mimetype: 'image/webp' } }
    case 'location':
      return { locationMessage: { degreesLatitude: content.latitude, degreesLongitude: content.longitude, name: content.name ?? null } }
    case 'poll':
      return { pollCreationMessage: { name: content.question, options: content.options.map((optionName) => ({ optionName })) } }
    default:
      return { conversation: '' }
  }
}

import type { Content } from '#core/content'
import type { Outgoing } from '#core/transport'
import { contactCardOf } from './contact-card.wire.ts'
import { interactiveOf } from './interactive.wire.ts'
import { type GraphFile, graphMediaType, isVoice } from './native-media.ts'

/** Meta's name for a person whose number we may not see: unique for this business. */
const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/
/** Known to WhatsApp's own clients only. */
const LID = /@lid$/

/** The body of POST /{phone-id}/messages; undefined for what this road cannot carry. */
export function toGraphMessage(message: Outgoing, file?: GraphFile): Record<string, unknown> | undefined {
  const { content, targetWireId, to } = message
  const parts = partsOf(message, file)
  if (!parts || LID.test(to)) return undefined
  const body: Record<string, unknown> = { messaging_product: 'whatsapp' }
  if (BSUID.test(to)) body.recipient = to
  else if (to.startsWith('+')) body.to = to
  else {
    body.recipient_type = 'group'
    body.to = to.replace(/@.*$/, '')
  }
  Object.assign(body, parts)
  if (targetWireId !== undefined && content.type !== 'reaction') body.context = { message_id: targetWireId }
  body.biz_opaque_callback_data = message.callbackData
  return body
}

/** `type` and the object of that name. */
function partsOf(message: Outgoing, file: GraphFile | undefined): Record<string, unknown> | undefined {
  const { content } = message
  switch (content.type) {
    case 'text':
      return { type: 'text', text: content.previewUrl ? { body: content.text, preview_url: true } : { body: content.text } }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker':
      return file && mediaPart(content, file)
    case 'location': {
      const { type, ...location } = content
      return { type, location }
    }
    case 'contacts':
      return { type: 'contacts', contacts: content.contacts.map(contactCardOf) }
    case 'reaction':
      return message.targetWireId === undefined
        ? undefined
        : { type: 'reaction', reaction: { message_id: message.targetWireId, emoji: content.emoji } }
    case 'interactive':
      return { type: 'interactive', interactive: interactiveOf(content.interactive, file) }
    case 'template':
      return { type: 'template', template: templateOf(content) }
    case 'poll':
      return undefined
  }
}

type MediaContent = Extract<Content, { type: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker' }>

/** A file leaves as what Meta takes natively, else as a document; sounds and stickers have no words with them. */
function mediaPart(content: MediaContent, { id, mimeType, filename: ownName }: GraphFile): Record<string, unknown> {
  const type = graphMediaType(content.type, mimeType)
  const caption = 'caption' in content ? content.caption : undefined
  const filename = ('filename' in content ? content.filename : undefined) ?? ownName
  return {
    type,
    [type]: {
      id,
      ...(caption && type !== 'audio' && type !== 'sticker' && { caption }),
      ...(type === 'document' && filename !== undefined && { filename }),
      ...(type === 'audio' && content.type === 'voice' && isVoice(mimeType) && { voice: true }),
    },
  }
}

const templateOf = ({ name, language, components }: Extract<Content, { type: 'template' }>) => ({
  name,
  language: { code: language },
  ...(components.length > 0 && { components }),
})

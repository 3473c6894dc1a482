import { randomBytes } from 'node:crypto'
import { proto } from 'baileys'
import type { InboundContent, MediaType } from '#core/content'
import type { Files } from '../files.ts'
import type { MediaStore } from './media-store.ts'
import { contactOf } from './vcard.wire.ts'

export type Writing = {
  content: InboundContent
  context: proto.IContextInfo | undefined
  /** The key of another message of the chat, as its writer names it. */
  keyOf(wireId: string): proto.IMessageKey
  atMs: number
}
type Places = { files: Files; media: MediaStore }

const { Type } = proto.Message.ProtocolMessage

/** What somebody writes on a phone, as WhatsApp's message. Votes are sealed and made elsewhere. */
export async function toMessage(writing: Writing, places: Places): Promise<proto.IMessage> {
  const { content, context } = writing
  const contextInfo = context ?? null
  switch (content.type) {
    case 'text':
      return context ? { extendedTextMessage: { text: content.text, contextInfo } } : { conversation: content.text }
    case 'image':
    case 'video':
    case 'audio':
    case 'voice':
    case 'document':
    case 'sticker':
      return mediaMessage(content, contextInfo, places)
    case 'location': {
      const { latitude, longitude, name = null, address = null } = content
      return { locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address, contextInfo } }
    }
    case 'contacts': {
      const contacts = content.contacts.map(contactOf)
      const [first] = contacts
      if (contacts.length === 1 && first) return { contactMessage: { ...first, contextInfo } }
      return { contactsArrayMessage: { displayName: `${contacts.length} contacts`, contacts, contextInfo } }
    }
    case 'poll':
      return {
        messageContextInfo: { messageSecret: randomBytes(32) },
        pollCreationMessageV3: {
          name: content.question,
          options: content.options.map((optionName) => ({ optionName })),
          selectableOptionsCount: content.allowMultiple ? 0 : 1,
          contextInfo,
        },
      }
    default:
      return aboutAnother(writing)
  }
}

function aboutAnother({ content, keyOf, atMs }: Writing): proto.IMessage {
  switch (content.type) {
    case 'reaction': {
      const wireId = 'wireId' in content ? content.wireId : content.messageId
      return { reactionMessage: { key: keyOf(wireId), text: content.emoji, senderTimestampMs: atMs } }
    }
    case 'edit': {
      const editedMessage = { conversation: textOf(content.content) }
      return { protocolMessage: { type: Type.MESSAGE_EDIT, key: keyOf(content.wireId), editedMessage, timestampMs: atMs } }
    }
    case 'revoke':
      return { protocolMessage: { type: Type.REVOKE, key: keyOf(content.wireId) } }
    case 'pin': {
      const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type
      const type = content.pinned ? PIN_FOR_ALL : UNPIN_FOR_ALL
      return {
        pinInChatMessage: { key: keyOf(content.wireId), type, senderTimestampMs: atMs },
        messageContextInfo: { messageAddOnDurationInSecs: content.seconds ?? null },
      }
    }
    case 'reply':
      return { conversation: content.title ?? content.id ?? '' }
    default:
      return { conversation: `(${content.type})` }
  }
}

const textOf = (content: unknown): string =>
  typeof content === 'object' && content !== null && 'text' in content ? String(content.text) : ''

type Media = Extract<InboundContent, { type: MediaType }>

async function mediaMessage(content: Media, contextInfo: proto.IContextInfo | null, { files, media }: Places): Promise<proto.IMessage> {
  const id = 'remoteMedia' in content ? content.remoteMedia.id : undefined
  const file = id === undefined ? undefined : files.get(id)
  if (!file) return { conversation: `(${content.type})` }
  const mimetype = file.mimeType
  const caption = ('caption' in content && content.caption) || null
  switch (content.type) {
    case 'image':
      return { imageMessage: { ...(await media.seal(file.bytes, 'image')), mimetype, caption, contextInfo } }
    case 'video':
      return { videoMessage: { ...(await media.seal(file.bytes, 'video')), mimetype, caption, contextInfo } }
    case 'audio':
    case 'voice':
      return { audioMessage: { ...(await media.seal(file.bytes, 'audio')), mimetype, ptt: content.type === 'voice', contextInfo } }
    case 'sticker':
      return { stickerMessage: { ...(await media.seal(file.bytes, 'sticker')), mimetype, contextInfo } }
    case 'document': {
      const fileName = ('filename' in content && content.filename) || file.filename || null
      return { documentMessage: { ...(await media.seal(file.bytes, 'document')), mimetype, caption, fileName, contextInfo } }
    }
  }
}

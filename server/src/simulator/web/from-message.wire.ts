import { type MediaType, normalizeMessageContent, proto } from 'baileys'
import type { InboundContent } from '#core/content'
import type { Files } from '../files.ts'
import type { MediaStore } from './media-store.ts'
import { cardOf } from './vcard.wire.ts'

/** What a message of a client says, in our words, and which message it answers. */
export type Said = { content: InboundContent; contextWireId: string | undefined }

type Places = { files: Files; media: MediaStore; owner: string }

/** Undefined for what no phone shows: keys, receipts of a kind, settings. */
export async function fromMessage(message: proto.IMessage, places: Places): Promise<Said | undefined> {
  const inner = normalizeMessageContent(message)
  const content = inner && ((await mediaContent(inner, places)) ?? plainContent(inner) ?? (await actOn(inner, places)))
  return content && { content, contextWireId: contextOf(inner)?.stanzaId ?? undefined }
}

function contextOf(message: proto.IMessage): proto.IContextInfo | undefined {
  for (const part of Object.values(message)) {
    if (typeof part === 'object' && part !== null && 'contextInfo' in part) return part.contextInfo ?? undefined
  }
  return undefined
}

const MEDIA = {
  imageMessage: 'image',
  videoMessage: 'video',
  audioMessage: 'audio',
  documentMessage: 'document',
  stickerMessage: 'sticker',
} as const satisfies Partial<Record<keyof proto.IMessage, MediaType>>

async function mediaContent(message: proto.IMessage, { files, media, owner }: Places): Promise<InboundContent | undefined> {
  for (const name of Object.keys(MEDIA) as (keyof typeof MEDIA)[]) {
    // the keys of a constant are its own
    const part = message[name]
    if (!part) continue
    const bytes = await media.open(part, MEDIA[name])
    const mimeType = part.mimetype ?? 'application/octet-stream'
    const filename = ('fileName' in part && part.fileName) || undefined
    const caption = ('caption' in part && part.caption) || undefined
    const file = bytes && files.put({ bytes, mimeType, filename, owner })
    const isVoice = 'ptt' in part && part.ptt === true
    return {
      type: isVoice ? 'voice' : MEDIA[name],
      remoteMedia: { mimeType, ...(file && { id: file.id, sha256: file.sha256, size: file.bytes.length }) },
      ...(!file && { mediaMissing: 'it was not on the media host' }),
      ...(caption !== undefined && { caption }),
      ...(filename !== undefined && { filename }),
      ...('isAnimated' in part && part.isAnimated === true && { animated: true }),
    }
  }
  return undefined
}

function plainContent(message: proto.IMessage): InboundContent | undefined {
  const { conversation, extendedTextMessage: text, locationMessage: place, contactMessage: card, contactsArrayMessage: cards } = message
  if (text) return { type: 'text', text: text.text ?? '', ...(text.matchedText && { previewUrl: true }) }
  if (conversation) return { type: 'text', text: conversation }
  if (place) {
    const { degreesLatitude, degreesLongitude, name, address } = place
    const words = { ...(name && { name }), ...(address && { address }) }
    return { type: 'location', latitude: degreesLatitude ?? 0, longitude: degreesLongitude ?? 0, ...words }
  }
  if (card) return { type: 'contacts', contacts: [cardOf(card)] }
  if (cards) return { type: 'contacts', contacts: (cards.contacts ?? []).map(cardOf) }
  const poll = message.pollCreationMessage ?? message.pollCreationMessageV2 ?? message.pollCreationMessageV3
  if (!poll) return undefined
  const options = (poll.options ?? []).map(({ optionName }) => optionName ?? '')
  return { type: 'poll', question: poll.name ?? '', options, allowMultiple: poll.selectableOptionsCount !== 1 }
}

/** A message about another message. */
async function actOn(
  { reactionMessage, pinInChatMessage, protocolMessage }: proto.IMessage,
  places: Places,
): Promise<InboundContent | undefined> {
  if (reactionMessage) return { type: 'reaction', wireId: reactionMessage.key?.id ?? '', emoji: reactionMessage.text ?? '' }
  if (pinInChatMessage) {
    const pinned = pinInChatMessage.type === proto.Message.PinInChatMessage.Type.PIN_FOR_ALL
    return { type: 'pin', wireId: pinInChatMessage.key?.id ?? '', pinned }
  }
  const wireId = protocolMessage?.key?.id ?? ''
  if (protocolMessage?.type === proto.Message.ProtocolMessage.Type.REVOKE) return { type: 'revoke', wireId }
  if (protocolMessage?.type !== proto.Message.ProtocolMessage.Type.MESSAGE_EDIT) return undefined
  const edited = normalizeMessageContent(protocolMessage.editedMessage)
  const content = edited && ((await mediaContent(edited, places)) ?? plainContent(edited))
  return content && { type: 'edit', wireId, content }
}

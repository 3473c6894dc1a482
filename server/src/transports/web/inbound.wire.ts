import type { proto } from 'baileys'
import type { InboundContent } from '#core/content'
import { known } from '#kit/lenient'
import { type FileKey, toRemoteMedia } from './media.wire.ts'
import { toRaw } from './raw.wire.ts'
import { replies } from './replies.wire.ts'
import { unwrap } from './unwrap.ts'
import { fromVcard } from './vcard.wire.ts'
import { toWireId } from './wire-id.ts'
import { textOf, words } from './words.ts'

const CARDS_MOST = 300
const OPTIONS_MOST = 50

/** What a message says, in our words; undefined: it is no message, but something phones tell each other. */
export function toContent(message: proto.IMessage, pinSeconds?: number): InboundContent | undefined {
  const kind = kindOf(message)
  if (kind === undefined) return undefined
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined
  const content = read?.(message, pinSeconds)
  return content === 'nothing' ? undefined : (content ?? { type: 'unknown', kind, raw: toRaw(message) })
}

/** Parts that come along with any message, or alone when phones set up a group. */
const ASIDE = ['messageContextInfo', 'senderKeyDistributionMessage', 'fastRatchetKeySenderKeyDistributionMessage', 'deviceSentMessage']

/** The part that says something. */
export const kindOf = (message: proto.IMessage): string | undefined =>
  Object.entries(message).find(([name, value]) => value !== null && value !== undefined && !ASIDE.includes(name))?.[0]

type Reader = (message: proto.IMessage, pinSeconds?: number) => InboundContent | 'nothing' | undefined

const media = (
  type: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker',
  part: Parameters<typeof toRemoteMedia>[1] & { caption?: string | null; fileName?: string | null; isAnimated?: boolean | null },
): InboundContent | undefined => {
  const wireType: FileKey['type'] = type === 'voice' ? 'audio' : type
  const remoteMedia = toRemoteMedia(wireType, part)
  if (!remoteMedia) return undefined
  const { caption, fileName, isAnimated } = part
  return { type, remoteMedia, ...known({ caption: words(caption), filename: words(fileName, 255), animated: isAnimated || undefined }) }
}

const location = (
  place:
    | { degreesLatitude?: number | null; degreesLongitude?: number | null; name?: string | null; address?: string | null }
    | null
    | undefined,
): InboundContent | undefined => {
  const { degreesLatitude: latitude, degreesLongitude: longitude } = place ?? {}
  if (typeof latitude !== 'number' || typeof longitude !== 'number' || !Number.isFinite(latitude + longitude)) return undefined
  return { type: 'location', latitude, longitude, ...known({ name: words(place?.name, 1000), address: words(place?.address, 1000) }) }
}

const poll = (creation: proto.Message.IPollCreationMessage | null | undefined): InboundContent | undefined => {
  const question = words(creation?.name, 1000)
  const options = (creation?.options ?? []).slice(0, OPTIONS_MOST).flatMap(({ optionName }) => words(optionName, 1000) ?? [])
  if (question === undefined) return undefined
  return { type: 'poll', question, options, allowMultiple: creation?.selectableOptionsCount !== 1 }
}

const contacts = (cards: readonly proto.Message.IContactMessage[]): InboundContent => ({
  type: 'contacts',
  contacts: cards.slice(0, CARDS_MOST).map(({ vcard, displayName }) => fromVcard(vcard ?? '', words(displayName, 256))),
})

const REVOKE = 0
const MESSAGE_EDIT = 14

/** What phones tell each other; of all that only two things concern a message. */
const protocol: Reader = ({ protocolMessage: told }) => {
  const wireId = toWireId(told?.key?.id)
  if (wireId === undefined) return 'nothing'
  if (told?.type === REVOKE) return { type: 'revoke', wireId }
  if (told?.type !== MESSAGE_EDIT || !told.editedMessage) return 'nothing'
  return { type: 'edit', wireId, content: editedContent(told.editedMessage) }
}

/** Of a file only its words can have changed. */
function editedContent(edited: proto.IMessage): InboundContent {
  const { message } = unwrap(edited, false)
  const { caption } = message.imageMessage ?? message.videoMessage ?? message.documentMessage ?? {}
  return textOf(caption) ?? toContent(message) ?? { type: 'unknown', kind: 'edit', raw: {} }
}

const PINNED = 1

const READERS: Readonly<Record<string, Reader>> = {
  ...replies,
  conversation: ({ conversation }) => textOf(conversation),
  extendedTextMessage: ({ extendedTextMessage: said }) => textOf(said?.text),
  imageMessage: ({ imageMessage: part }) => (part ? media('image', part) : undefined),
  videoMessage: ({ videoMessage: part }) => (part ? media('video', part) : undefined),
  ptvMessage: ({ ptvMessage: part }) => (part ? media('video', part) : undefined),
  audioMessage: ({ audioMessage: part }) => (part ? media(part.ptt ? 'voice' : 'audio', part) : undefined),
  documentMessage: ({ documentMessage: part }) =>
    part ? media('document', { ...part, fileName: part.fileName ?? part.title ?? null }) : undefined,
  stickerMessage: ({ stickerMessage: part }) => (part ? media('sticker', part) : undefined),
  locationMessage: ({ locationMessage }) => location(locationMessage),
  liveLocationMessage: ({ liveLocationMessage }) => location(liveLocationMessage),
  contactMessage: ({ contactMessage }) => contacts(contactMessage ? [contactMessage] : []),
  contactsArrayMessage: ({ contactsArrayMessage }) => contacts(contactsArrayMessage?.contacts ?? []),
  pollCreationMessage: ({ pollCreationMessage }) => poll(pollCreationMessage),
  pollCreationMessageV2: ({ pollCreationMessageV2 }) => poll(pollCreationMessageV2),
  pollCreationMessageV3: ({ pollCreationMessageV3 }) => poll(pollCreationMessageV3),
  pollCreationMessageV5: ({ pollCreationMessageV5 }) => poll(pollCreationMessageV5),
  reactionMessage({ reactionMessage }) {
    const wireId = toWireId(reactionMessage?.key?.id)
    return wireId === undefined ? 'nothing' : { type: 'reaction', wireId, emoji: words(reactionMessage?.text, 64) ?? '' }
  },
  protocolMessage: protocol,
  pinInChatMessage({ pinInChatMessage: pin }, seconds) {
    const wireId = toWireId(pin?.key?.id)
    if (wireId === undefined) return 'nothing'
    const pinned = pin?.type === PINNED
    return { type: 'pin', wireId, pinned, ...(pinned && seconds && { seconds }) }
  },
  // what only a phone can make sense of
  placeholderMessage: () => 'nothing',
  stickerSyncRmrMessage: () => 'nothing',
  messageHistoryBundle: () => 'nothing',
  messageHistoryNotice: () => 'nothing',
  albumMessage: () => 'nothing', // its pictures follow as messages of their own
}

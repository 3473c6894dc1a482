import { MEDIA_TYPES } from '#core/content'
import type { Message, OutgoingMessage } from '#core/messages'

type ContentKind = Message['content']['type']

/** Our kinds of content -> WhatsApp Web's; undefined: its system kinds, which lists hide. */
export const KINDS = {
  text: 'chat',
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'ptt',
  document: 'document',
  sticker: 'sticker',
  location: 'location',
  contacts: 'vcard',
  poll: 'poll_creation',
  interactive: 'chat',
  template: 'chat',
  reply: 'chat',
  order: 'chat',
  unknown: 'chat',
  revoke: 'revoked',
  reaction: undefined,
  poll_vote: undefined,
  edit: undefined,
  pin: undefined,
  system: undefined,
} as const satisfies Record<ContentKind, string | undefined>

export const CHAT_KINDS = [
  'chat',
  'image',
  'video',
  'document',
  'audio',
  'ptt',
  'sticker',
  'gif',
  'ptv',
  'poll_creation',
  'location',
  'vcard',
  'revoked',
] as const
export type ChatKind = (typeof CHAT_KINDS)[number]

const CONTENT_KINDS = Object.keys(KINDS) as ContentKind[] // the object's own keys

/** The contents that a list of these kinds holds; without a wish all but the system's. */
export const contentKinds = (kinds: readonly ChatKind[] | undefined): ContentKind[] =>
  CONTENT_KINDS.filter((kind) => {
    const word = KINDS[kind]
    return kinds === undefined ? word !== undefined && word !== 'revoked' : word !== undefined && kinds.includes(word)
  })

const MEDIA: ReadonlySet<ContentKind> = new Set(MEDIA_TYPES)

export const isMedia = (kind: ContentKind): boolean => MEDIA.has(kind)

/** One of the three kinds of what the API keeps; what it has no word for is shown as its words. */
export const kindOf = ({ content }: OutgoingMessage): 'text' | 'media' | 'poll' =>
  isMedia(content.type) ? 'media' : content.type === 'poll' ? 'poll' : 'text'

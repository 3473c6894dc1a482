import { z } from 'zod'

/** Text and button limits are WhatsApp's own. */
const Caption = z.string().max(1024)
const MediaContent = {
  mediaId: z.uuid().describe('A file stored before'),
  caption: Caption.optional(),
}
const Filename = z.string().min(1).max(255)

const Header = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(60) }),
  z.strictObject({ type: z.enum(['image', 'video', 'document']), mediaId: z.uuid(), filename: Filename.optional() }),
])
const Footer = z.string().min(1).max(60)

const Row = z.strictObject({ id: z.string().min(1).max(200), title: z.string().min(1).max(24), description: z.string().max(72).optional() })
const Section = z.strictObject({ title: z.string().min(1).max(24).optional(), rows: z.array(Row).min(1).max(10) })
const unique = (values: readonly string[]) => new Set(values).size === values.length

const Buttons = z.strictObject({
  kind: z.literal('buttons'),
  header: Header.optional(),
  body: z.string().min(1).max(1024),
  footer: Footer.optional(),
  buttons: z
    .array(z.strictObject({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) }))
    .min(1)
    .max(3)
    .refine((buttons) => unique(buttons.map(({ id }) => id)) && unique(buttons.map(({ title }) => title)), 'ids and titles must differ'),
})
const List = z.strictObject({
  kind: z.literal('list'),
  header: z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(60) }).optional(),
  body: z.string().min(1).max(4096),
  footer: Footer.optional(),
  button: z.string().min(1).max(20),
  sections: z
    .array(Section)
    .min(1)
    .max(10)
    .refine(
      (sections) => sections.length === 1 || sections.every(({ title }) => title),
      'every section needs a title when there are several',
    )
    .refine((sections) => sections.flatMap(({ rows }) => rows).length <= 10, 'at most 10 rows over all sections'),
})
const Cta = z.strictObject({
  kind: z.literal('cta'),
  header: Header.optional(),
  body: z.string().min(1).max(1024),
  footer: Footer.optional(),
  label: z.string().min(1).max(20),
  url: z.url({ protocol: /^https?$/ }).max(2000),
})

const ContactCard = z.strictObject({
  name: z.strictObject({
    formatted: z.string().min(1).max(256),
    first: z.string().max(128).optional(),
    last: z.string().max(128).optional(),
    middle: z.string().max(128).optional(),
    prefix: z.string().max(64).optional(),
    suffix: z.string().max(64).optional(),
  }),
  phones: z
    .array(z.strictObject({ phone: z.string().min(1).max(32), type: z.string().max(32).optional(), waId: z.string().max(32).optional() }))
    .max(20)
    .optional(),
  emails: z
    .array(z.strictObject({ email: z.string().max(254), type: z.string().max(32).optional() }))
    .max(20)
    .optional(),
  organization: z
    .strictObject({
      company: z.string().max(128).optional(),
      department: z.string().max(128).optional(),
      title: z.string().max(128).optional(),
    })
    .optional(),
  urls: z
    .array(z.strictObject({ url: z.string().max(2000), type: z.string().max(32).optional() }))
    .max(20)
    .optional(),
  birthday: z.iso.date().optional(),
})

/** What a message says, as a caller may send it. Media is named by the id of a stored file. */
export const Content = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(4096), previewUrl: z.boolean().optional() }),
  z.strictObject({ type: z.literal('image'), ...MediaContent }),
  z.strictObject({ type: z.literal('video'), ...MediaContent }),
  z.strictObject({ type: z.literal('audio'), mediaId: z.uuid() }),
  z.strictObject({ type: z.literal('voice'), mediaId: z.uuid() }),
  z.strictObject({ type: z.literal('document'), ...MediaContent, filename: Filename.optional() }),
  z.strictObject({ type: z.literal('sticker'), mediaId: z.uuid() }),
  z.strictObject({
    type: z.literal('location'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: z.string().max(1000).optional(),
    address: z.string().max(1000).optional(),
  }),
  z.strictObject({ type: z.literal('contacts'), contacts: z.array(ContactCard).min(1).max(257) }),
  z.strictObject({
    type: z.literal('poll'),
    question: z.string().min(1).max(255),
    options: z.array(z.string().min(1).max(100)).min(2).max(12).refine(unique, 'the options must differ'),
    allowMultiple: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal('reaction'),
    messageId: z.uuid().describe('The message reacted to'),
    emoji: z.string().max(32).describe("'' takes the reaction back"),
  }),
  z.strictObject({ type: z.literal('interactive'), interactive: z.discriminatedUnion('kind', [Buttons, List, Cta]) }),
  z.strictObject({
    type: z.literal('template'),
    name: z.string().min(1).max(512),
    language: z.string().min(2).max(16),
    components: z
      .array(z.record(z.string(), z.unknown()))
      .max(20)
      .default([])
      .describe('Components as Meta takes them: header, body, button parameters'),
  }),
])
export type Content = z.output<typeof Content>
export type ContentType = Content['type']

/** What can also arrive. Everything WhatsApp sends is kept: what we have no word for is `unknown` with its raw form. */
export type InboundContent =
  | Content
  | {
      type: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'
      remoteMedia: RemoteMedia
      mediaId?: string
      /** Why the file will never be here. */
      mediaMissing?: string
      caption?: string
      filename?: string
      animated?: boolean
    }
  | { type: 'reaction'; wireId: string; emoji: string; messageId?: string }
  | {
      type: 'reply'
      kind: 'button' | 'list' | 'quick_reply' | 'form'
      id?: string
      title?: string
      description?: string
      payload?: unknown
    }
  | { type: 'order'; catalogId?: string; text?: string; items: { retailerId: string; quantity: number; price: number; currency: string }[] }
  | { type: 'contacts'; contacts: unknown[] }
  | { type: 'poll_vote'; wireId: string; options: string[] }
  | { type: 'system'; kind: string; body?: string; raw: unknown }
  /** `previousText`: what a text said before, where we hold it. */
  | { type: 'edit'; wireId: string; content: unknown; previousText?: string }
  | { type: 'revoke'; wireId: string }
  /** Somebody put a message at the top of the chat, or took it down. */
  | { type: 'pin'; wireId: string; pinned: boolean; seconds?: number }
  | { type: 'unknown'; kind: string; raw: unknown; code?: number }

/** A file that still lies with the network: fetched by the transport that named it. */
export type RemoteMedia = { id?: string; url?: string; mimeType?: string; sha256?: string; size?: number }

export const MEDIA_TYPES = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const
export type MediaType = (typeof MEDIA_TYPES)[number]

/** The file a message needs on the wire, if any. */
export function mediaIdOf(content: Content): string | undefined {
  if ('mediaId' in content) return content.mediaId
  if (
    content.type === 'interactive' &&
    'header' in content.interactive &&
    content.interactive.header &&
    'mediaId' in content.interactive.header
  ) {
    return content.interactive.header.mediaId
  }
  return undefined
}

import { z } from 'zod'
import { authorOf, deletedAtOf, linkPreviewOf, MESSAGE_STATES, type Message, shownState } from '#core/messages'
import { type WireContent as Content, showContent, WireContent } from './content.wire.ts'
import { Id, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ShownPreview, showPreview } from './links.wire.ts'
import { ListOf, Paging, ShownTime, showTime, Time } from './lists.wire.ts'
import { MESSAGE_EXAMPLE } from './message-example.wire.ts'

/** What a message may say of itself, whatever makes it. */
export const Fields = {
  channelId: Id('cha').optional().describe('The channel to send from; by default the workspace has one'),
  from: z.string().min(1).max(32).optional().describe('The number of the channel, instead of its id'),
  to: z
    .string()
    .min(1)
    .max(256)
    .meta({ description: 'A phone number, a group, or a WhatsApp id', examples: ['+14155550123'] }),
  text: z.string().optional().describe('Short for content {"type":"text"}'),
  content: WireContent.optional(),
  sendAt: Time.optional().describe('Not before this time, at most 365 days ahead; absent: now'),
  expiresAt: Time.optional().describe('Never after this time'),
  late: z
    .strictObject({ afterSeconds: z.int().min(0).max(31_536_000), action: z.enum(['expire', 'hold']).default('expire') })
    .optional()
    .meta({
      description:
        'Of a message with sendAt: how late it may start, and whether it then expires or waits for a person. Default: 6 hours, expire',
      examples: [{ afterSeconds: 900, action: 'hold' }],
    }),
  replyTo: Id('msg').optional().describe('The message answered'),
  tag: z.string().min(1).max(256).optional().describe('Your own word for it'),
  metadata: z.record(z.string().max(64), z.unknown()).optional().describe('Your own facts, returned as they came'),
  callbackUrl: z.string().max(2048).optional().describe('Told of every change of this message'),
  category: z.enum(['marketing', 'utility', 'authentication', 'service']).optional(),
  onUnknown: z.enum(['retry', 'fail']).optional().describe('When nobody can say whether it was sent: send again, or give up'),
  outsideWindow: z.enum(['refuse', 'attempt']).optional().describe('What to do outside the 24-hour window'),
}

/** Up to 24 MiB, for files as base64 or a thousand messages. */
export const LARGE_BODY = 24 * 1024 * 1024

const AwaitMs = z.int().min(0).max(20_000).optional().describe('Wait so long for the outcome')
const TypingSeconds = z
  .number()
  .min(0)
  .max(25)
  .optional()
  .describe('So long the chat shows that somebody is typing before a text leaves, on channels that can; it is kept at once')
export type Said = { text?: string | undefined; content?: Content | undefined }
export const saysOneThing = ({ text, content }: Said) => (text === undefined) !== (content === undefined)
export const SAY_ONE_THING = { path: ['content'], message: 'give content, or text for short' }
const EXAMPLE = { to: '+14155550123', text: 'Hello from Chasqui' }

/** A message to send. `text` is short for a text content. */
export const NewMessage = z
  .strictObject({ ...Fields, typingSeconds: TypingSeconds, awaitMs: AwaitMs })
  .refine(saysOneThing, SAY_ONE_THING)
  .meta({ example: EXAMPLE })
/** One of many: nobody waits for its outcome. */
export const BulkMessage = z.strictObject(Fields).refine(saysOneThing, SAY_ONE_THING).meta({ example: EXAMPLE })
export type BulkMessage = z.output<typeof BulkMessage>

export const contentOf = ({ content, text }: Said): Content => content ?? { type: 'text', text }

/** What this door decides for every message: its own number goes first, and events come in this door's words. */
export const OURS = { persona: 'own_number', door: 'canonical' } as const

export const MessageEdit = z
  .strictObject({
    text: z.string().optional(),
    content: WireContent.optional(),
    sendAt: Time.optional(),
    tag: z.string().min(1).max(256).optional(),
    replyTo: Id('msg').nullable().optional().describe('null: it answers none any more'),
  })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), { message: 'nothing to change' })
  .refine(({ text, content }) => text === undefined || content === undefined, SAY_ONE_THING)
  .meta({ example: { text: 'See you at ten.', sendAt: '2031-05-04T09:30:00Z' } })

/** An answer into a conversation: its channel and its person are known. */
export const Reply = z
  .strictObject({
    text: Fields.text,
    content: Fields.content,
    sendAt: Fields.sendAt,
    expiresAt: Fields.expiresAt,
    late: Fields.late,
    replyTo: Fields.replyTo,
    tag: Fields.tag,
    metadata: Fields.metadata,
    callbackUrl: Fields.callbackUrl,
    category: Fields.category,
    onUnknown: Fields.onUnknown,
    outsideWindow: Fields.outsideWindow,
    typingSeconds: TypingSeconds,
    awaitMs: AwaitMs,
  })
  .refine(saysOneThing, SAY_ONE_THING)
  .meta({ example: { text: 'We are on it.' } })

const words = (text: string) => text.split(',').map((word) => word.trim())

export const MessageQuery = z.strictObject({
  ...Paging,
  state: z
    .string()
    .max(200)
    .transform(words)
    .pipe(z.array(z.enum([...MESSAGE_STATES, 'queued'])))
    .optional()
    .meta({ description: 'One or several states, with commas', examples: ['scheduled,queued'] }),
  direction: z.enum(['in', 'out']).optional(),
  channelId: Id('cha').optional(),
  conversationId: Id('cnv').optional(),
  contactId: Id('con').optional(),
  address: z.string().max(256).optional(),
  search: z.string().min(1).max(200).optional().describe('Words in the text or caption'),
  since: Time.optional(),
  until: Time.optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
})

export const ConversationMessages = z.strictObject({ ...Paging, order: z.enum(['asc', 'desc']).default('desc') })

const MaybeTime = ShownTime.nullable()
export const ShownMessage = z
  .object({
    id: ShownId('msg'),
    direction: z.enum(['in', 'out']),
    state: z.string().describe('scheduled, queued, sending, sent, delivered, read, played; failed, cancelled, expired, skipped; received'),
    channelId: ShownId('cha'),
    conversationId: ShownId('cnv'),
    contactId: ShownId('con').nullable(),
    campaignId: ShownId('cmp').nullable(),
    address: z.string().describe('Who it goes to, or who wrote it'),
    author: z.string().nullable().describe('Who wrote it in a group'),
    content: z.record(z.string(), z.unknown()),
    replyTo: ShownId('msg').nullable(),
    linkPreview: ShownPreview.nullable().describe('The page behind the first link of the text'),
    wireId: z.string().nullable().describe("WhatsApp's id"),
    sendAt: MaybeTime,
    expiresAt: MaybeTime,
    tag: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    recurrenceId: ShownId('rec').nullable().describe('The recurrence that made it'),
    callbackUrl: z.string().nullable(),
    category: z.string().nullable(),
    attempt: z.int(),
    failure: z.object({ code: z.string(), reason: z.string(), advice: z.string().nullable() }).nullable(),
    createdAt: ShownTime,
    sendingAt: MaybeTime,
    sentAt: MaybeTime,
    deliveredAt: MaybeTime,
    readAt: MaybeTime,
    playedAt: MaybeTime,
    endedAt: MaybeTime,
    editedAt: MaybeTime,
    deletedAt: MaybeTime.describe('When it was taken back for everybody; what it said is kept'),
  })
  .meta({
    description: 'A message, either direction',
    example: MESSAGE_EXAMPLE,
  })
export const MessageList = ListOf(ShownMessage)

export function showMessage(message: Message, now: Date) {
  return {
    id: showId('msg', message.id),
    direction: message.direction,
    state: shownState(message, now),
    channelId: showId('cha', message.channelId),
    conversationId: showId('cnv', message.conversationId),
    contactId: showMaybe('con', message.contactId),
    campaignId: showMaybe('cmp', message.campaignId),
    address: message.address,
    author: authorOf(message) ?? null,
    content: showContent(message.content),
    replyTo: showMaybe('msg', message.replyTo),
    linkPreview: showLinkPreview(message),
    wireId: message.wireId ?? null,
    deletedAt: showTime(deletedAtOf(message)),
    ...(message.direction === 'out' ? showSending(message) : NO_SENDING),
    createdAt: message.createdAt.toISOString(),
  }
}

function showLinkPreview(message: Message) {
  const preview = linkPreviewOf(message)
  return preview ? showPreview(preview) : null
}

type Outgoing = Extract<Message, { direction: 'out' }>

function showSending(message: Outgoing) {
  const { failure, callbackUrl, category, attempt } = message
  return {
    sendAt: showTime(message.sendAt),
    expiresAt: showTime(message.expiresAt),
    tag: message.tag ?? null,
    metadata: message.metadata ?? null,
    recurrenceId: showMaybe('rec', message.recurrenceId),
    callbackUrl: callbackUrl ?? null,
    category: category ?? null,
    attempt,
    failure: failure ? { code: failure.code, reason: failure.reason, advice: failure.advice ?? null } : null,
    sendingAt: showTime(message.sendingAt),
    sentAt: showTime(message.sentAt),
    deliveredAt: showTime(message.deliveredAt),
    readAt: showTime(message.readAt),
    playedAt: showTime(message.playedAt),
    endedAt: showTime(message.endedAt),
    editedAt: showTime(message.editedAt),
  }
}

const NO_SENDING: { [Name in keyof ReturnType<typeof showSending>]: null | number } = {
  sendAt: null,
  expiresAt: null,
  tag: null,
  metadata: null,
  recurrenceId: null,
  callbackUrl: null,
  category: null,
  attempt: 0,
  failure: null,
  sendingAt: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  playedAt: null,
  endedAt: null,
  editedAt: null,
}

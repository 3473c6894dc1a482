import { z } from 'zod'
import { isPlainTime } from '#kit/times'
import { CHAT_ID, E164, RECIPIENT_CHAT } from './key.wire.ts'

export const MEDIA_KINDS = ['image', 'video', 'audio', 'document', 'sticker', 'voice', 'gif'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

const BASE64_MOST = 15_728_640
/** For files as base64; other bodies keep the server's bound. */
export const LARGE_BODY = 24 * 1024 * 1024

const PHONE_OR_CHAT = 'must be a phone number like +14155551234 or a chat id'
/** A phone number, or the id of a chat that one can send to. */
export const Recipient = z
  .string()
  .max(128)
  .refine((text) => E164.test(text) || RECIPIENT_CHAT.test(text), PHONE_OR_CHAT)
  .meta({ description: 'A phone number, or a chat id', examples: ['+14155551234', '14155551234@c.us'] })

export const ChatId = z
  .string()
  .max(128)
  .regex(CHAT_ID, 'must be a chat id')
  .meta({ examples: ['14155551234@c.us'] })
/** The key of a message, or its bare id where the chat is told beside it. */
export const Key = z
  .string()
  .min(1)
  .max(512)
  .meta({ description: 'true_14155551234@c.us_3EB0…, or the bare id with its chat', examples: ['true_14155551234@c.us_3EB0A1B2C3D4'] })
export const KEYS_EXAMPLE = { messageKeys: ['true_14155551234@c.us_3EB0A1B2C3D4'] }
export const Keys = z.strictObject({ messageKeys: z.array(Key).min(1).max(200) }).meta({ example: KEYS_EXAMPLE })

/** Clients send nothing, or an empty object. */
export const NoBody = z.strictObject({}).nullish().meta({ description: 'Nothing', example: {} })

/** A chat in a path: its id, or the phone number of a person. */
export const ChatPath = z
  .string()
  .max(128)
  .refine((text) => E164.test(text) || CHAT_ID.test(text), PHONE_OR_CHAT)
  .meta({ description: 'A phone number, or a chat id', examples: ['14155551234@c.us'] })

export const SendableChatId = z
  .string()
  .max(128)
  .regex(RECIPIENT_CHAT, 'must be the id of a person, a group or a newsletter')
  .meta({ examples: ['14155551234@c.us'] })

export const Time = z.iso
  .datetime({ offset: true, message: 'must be a time with an offset, like 2031-05-04T09:30:00Z' })
  .transform((text) => new Date(text))
  .refine(isPlainTime, 'must lie in the years 1 to 9999')
  .meta({ description: 'ISO 8601 with an offset', examples: ['2031-05-04T09:30:00Z'] })

const Text = z.string().min(1).max(4096)
const MediaUrl = z.string().min(1).max(2048)
const MediaBase64 = z.string().min(1).max(BASE64_MOST).describe('base64 or a data: URL')
const MediaKindWord = z.enum(MEDIA_KINDS)
const Filename = z.string().min(1).max(255)
const PollQuestion = z.string().min(1).max(255)
const PollOptions = z.array(z.string().min(1).max(100)).min(2).max(12)

/** What a message says: flat as today, nested as in the days of the first guide. */
const Said = {
  type: z.enum(['text', 'media', 'poll']).optional().describe('Absent: media when there is a file, else text'),
  text: Text.optional().describe('The words; the caption of a file'),
  mediaUrl: MediaUrl.optional(),
  mediaBase64: MediaBase64.optional(),
  mediaKind: MediaKindWord.optional().describe('Found out when absent'),
  mediaCaption: Text.optional(),
  mediaFilename: Filename.optional(),
  pollQuestion: PollQuestion.optional(),
  pollOptions: PollOptions.optional(),
  pollAllowMultiple: z.boolean().optional(),
  media: z
    .strictObject({
      url: MediaUrl.optional(),
      base64: MediaBase64.optional(),
      kind: MediaKindWord.optional(),
      caption: Text.optional(),
      filename: Filename.optional(),
    })
    .optional(),
  poll: z
    .strictObject({ question: PollQuestion.optional(), options: PollOptions.optional(), allowMultiple: z.boolean().optional() })
    .optional(),
}
const ReplyTo = z.string().max(256).describe("The key of the message answered; '' for none")
const Secret = z.string().min(1).max(256).describe('Your own word for it, returned as it came')
const Sender = {
  from: z
    .string()
    .regex(E164, 'must be a phone number like +14155551234')
    .optional()
    .describe('The number to send from, when several are linked'),
}

const Common = { ...Said, replyTo: ReplyTo.optional(), secret: Secret.optional(), to: Recipient.optional(), ...Sender }

const EXAMPLE = { type: 'text', text: 'Your order #1024 has shipped.' }
export const StoredBody = z
  .strictObject({ ...Common, sendAt: Time.optional().describe('10 seconds to 365 days ahead; absent: now') })
  .meta({ example: EXAMPLE })
export type StoredBody = z.output<typeof StoredBody>
export const AddressedBody = StoredBody.extend({ to: Recipient }).meta({ example: { to: '+14155551234', ...EXAMPLE } })
export const DirectBody = z
  .strictObject({ ...Common, withTyping: z.boolean().optional(), typingSeconds: z.number().min(0).max(25).optional() })
  .meta({ example: EXAMPLE })
export const EditBody = z
  .strictObject({ ...Said, replyTo: ReplyTo.optional(), secret: Secret.optional(), sendAt: Time.optional() })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), { message: 'nothing to change' })
  .meta({ example: { text: 'Your order ships on Monday.' } })
export type EditBody = z.output<typeof EditBody>

/** All that a body can say of the content. */
export type SaidBody = { [Field in keyof typeof Said]?: z.output<(typeof Said)[Field]> | undefined }

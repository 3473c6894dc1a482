import { z } from 'zod'
import { Content } from '#core/content'
import { MessageInput } from '#core/messages'
import { isTimeZone } from '#kit/time-zones'

/** What can be sent again and again. */
export const RecurringContent = Content.refine(({ type }) => type !== 'reaction', { path: ['type'], message: 'a reaction cannot recur' })

/** What each message of a recurrence is made from; the recurrence gives the time. */
export const Template = MessageInput.omit({
  sendAt: true,
  expiresAt: true,
  replyTo: true,
  horizon: true,
  noChannel: true,
  origin: true,
  recurrenceId: true,
}).extend({ content: RecurringContent })
export type Template = z.output<typeof Template>

const FIRST_YEAR = 2_000
const LAST_YEAR = 2_100

const isLocalTime = (text: string): boolean => {
  const time = new Date(`${text}Z`)
  const year = time.getUTCFullYear()
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 19) === text && year >= FIRST_YEAR && year < LAST_YEAR
}

export const LocalTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, 'a local time without a zone, such as 2031-05-04T09:30:00')
  .transform((text) => (text.length === 16 ? `${text}:00` : text))
  .refine(isLocalTime, 'there is no such time')

export const When = {
  rule: z.string().min(1).max(512).describe('A recurrence rule of RFC 5545'),
  startsAt: LocalTime.describe('Local time from which the rule counts'),
  timeZone: z.string().min(1).max(64).refine(isTimeZone, 'is not a time zone of the IANA database').describe('IANA time zone'),
}

const fields = Template.shape

/** What may change of all messages to come; null takes it away. */
export const TemplateEdit = {
  channelId: fields.channelId,
  content: RecurringContent.optional(),
  tag: fields.tag.nullable(),
  metadata: fields.metadata.nullable(),
  callbackUrl: fields.callbackUrl.nullable(),
  category: fields.category.nullable(),
  late: fields.late.nullable(),
  onUnknown: fields.onUnknown,
  outsideWindow: z.enum(['refuse', 'attempt']).optional(),
}

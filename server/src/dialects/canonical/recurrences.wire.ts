import { z } from 'zod'
import { LocalTime, type Occurrence, RECURRENCE_STATES, type Recurrence } from '#core/recurrences'
import { showContent } from './content.wire.ts'
import { Id, Path, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime, Time } from './lists.wire.ts'
import { Fields, SAY_ONE_THING, saysOneThing } from './messages.wire.ts'

const When = {
  rule: z
    .string()
    .min(1)
    .max(512)
    .meta({ description: 'A recurrence rule of RFC 5545, no more often than once a minute', examples: ['FREQ=WEEKLY;BYDAY=MO,TH'] }),
  startsAt: LocalTime.meta({ description: 'Local time, without a zone: from here the rule counts', examples: ['2031-05-05T09:30:00'] }),
  timeZone: z
    .string()
    .min(1)
    .max(64)
    .meta({ description: 'IANA time zone', examples: ['Europe/Berlin'] }),
}
const MONDAYS = { rule: 'FREQ=WEEKLY;BYDAY=MO', startsAt: '2031-05-05T09:30:00', timeZone: 'Europe/Berlin' }

const late = Fields.late.meta({
  description: 'How late an occurrence may start, and whether it then expires or waits for a person. Default: 6 hours, expire',
})

export const NewRecurrence = z
  .strictObject({
    ...When,
    channelId: Fields.channelId,
    from: Fields.from,
    to: Fields.to,
    text: Fields.text,
    content: Fields.content,
    late,
    tag: Fields.tag,
    metadata: Fields.metadata,
    callbackUrl: Fields.callbackUrl,
    category: Fields.category,
    onUnknown: Fields.onUnknown,
    outsideWindow: Fields.outsideWindow,
  })
  .refine(saysOneThing, SAY_ONE_THING)
  .meta({ example: { ...MONDAYS, to: '+14155550123', text: 'The market opens at ten.' } })

export const RecurrenceEdit = z
  .strictObject({
    rule: When.rule.optional(),
    startsAt: When.startsAt.optional(),
    timeZone: When.timeZone.optional(),
    channelId: Id('cha').optional(),
    text: Fields.text,
    content: Fields.content,
    late: late.nullable(),
    tag: Fields.tag.nullable(),
    metadata: Fields.metadata.nullable(),
    callbackUrl: Fields.callbackUrl.nullable(),
    category: Fields.category.nullable(),
    onUnknown: Fields.onUnknown,
    outsideWindow: Fields.outsideWindow,
  })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), { message: 'nothing to change' })
  .refine(({ text, content }) => text === undefined || content === undefined, SAY_ONE_THING)
  .meta({ example: { rule: 'FREQ=WEEKLY;BYDAY=TU', text: 'The market opens at nine.' } })

export const OccurrenceEdit = z
  .strictObject({ text: Fields.text, content: Fields.content, sendAt: Time.optional().describe('Between the occurrences around it') })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), { message: 'nothing to change' })
  .refine(({ text, content }) => text === undefined || content === undefined, SAY_ONE_THING)
  .meta({ example: { text: 'The market is closed today.' } })

const Many = z.coerce.number().pipe(z.int().min(0).max(100)).default(10).describe('How many of its next occurrences are shown')
export const OneQuery = z.strictObject({ occurrences: Many })
export const Preview = z
  .strictObject({ ...When, occurrences: z.int().min(1).max(100).default(10) })
  .meta({ example: { ...MONDAYS, occurrences: 3 } })

const words = (text: string) => text.split(',').map((word) => word.trim())
export const RecurrenceQuery = z.strictObject({
  ...Paging,
  state: z
    .string()
    .max(100)
    .transform(words)
    .pipe(z.array(z.enum(RECURRENCE_STATES)))
    .optional()
    .meta({ description: 'One or several states, with commas', examples: ['active,paused'] }),
})
export const MessagesQuery = z.strictObject(Paging)

/** What is no time names no occurrence. */
const NEVER = new Date(0)
export const OccurrencePath = z.object({
  id: Path('rec').shape.id,
  occurrence: z
    .string()
    .meta({ description: 'Its time by the rule, in UTC', examples: ['2031-05-05T07:30:00Z'] })
    .transform((text) => Time.safeParse(text).data ?? NEVER),
})

const ShownOccurrence = z.object({
  occurrence: ShownTime.describe('Its time by the rule: what it is called by'),
  sendAt: ShownTime.describe('When it leaves: the same, unless it was moved'),
  changed: z.boolean().describe('Whether it has a time or content of its own'),
})
export const Occurrences = z.object({ data: z.array(ShownOccurrence) })
export const ChangedOccurrence = ShownOccurrence.extend({ content: z.record(z.string(), z.unknown()).nullable() })

export const ShownRecurrence = z.object({
  id: ShownId('rec'),
  state: z.enum(RECURRENCE_STATES),
  rule: z.string(),
  startsAt: z.string(),
  timeZone: z.string(),
  nextAt: ShownTime.nullable(),
  to: z.string().describe('E.164, or the id of a group or newsletter'),
  channelId: ShownId('cha').nullable().describe("Null: the workspace's own choice each time"),
  content: z.record(z.string(), z.unknown()),
  late: z.object({ afterSeconds: z.int(), action: z.enum(['expire', 'hold']) }).nullable(),
  tag: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  callbackUrl: z.string().nullable(),
  category: z.string().nullable(),
  createdAt: ShownTime,
  updatedAt: ShownTime,
  endedAt: ShownTime.nullable(),
})
export const RecurrenceList = ListOf(ShownRecurrence)
export const ShownWithNext = ShownRecurrence.extend({ occurrences: z.array(ShownOccurrence).describe('Those to come') })

export const showOccurrence = ({ occurrence, sendAt, changed }: Occurrence) => ({
  occurrence: occurrence.toISOString(),
  sendAt: sendAt.toISOString(),
  changed,
})

export const showChanged = (one: Occurrence) => ({ ...showOccurrence(one), content: one.content ? showContent(one.content) : null })

export const showRecurrence = ({ template, ...one }: Recurrence) => ({
  id: showId('rec', one.id),
  state: one.state,
  rule: one.rule,
  startsAt: one.startsAt,
  timeZone: one.timeZone,
  nextAt: showTime(one.nextAt),
  to: one.address,
  channelId: showMaybe('cha', template.channelId),
  content: showContent(template.content),
  late: template.late ?? null,
  tag: template.tag ?? null,
  metadata: template.metadata ?? null,
  callbackUrl: template.callbackUrl ?? null,
  category: template.category ?? null,
  createdAt: one.createdAt.toISOString(),
  updatedAt: one.updatedAt.toISOString(),
  endedAt: showTime(one.endedAt),
})

import { z } from 'zod'
import { MEMBERS_AT_ONCE, MemberInput } from '#core/audiences'
import {
  CAMPAIGN_STATES,
  CampaignFields,
  COUNTED_STATES,
  type CountedCampaign,
  GuardInput,
  type Preview,
  QuietHoursInput,
  SAY_TO_WHOM,
  type ShownRecipient,
  saysToWhom,
} from '#core/campaigns'
import { showContent, WireContent } from './content.wire.ts'
import { Id, ShownId, showId, showMaybe } from './ids.wire.ts'
import { ListOf, Paging, ShownTime, showTime, Time } from './lists.wire.ts'

const ANA = { to: '+14155550123', variables: { name: 'Ana' } }
const EXAMPLE = { name: 'Spring news', recipients: [ANA], text: 'Hello {name}, spring is here.' }

const Fields = {
  name: CampaignFields.name,
  channelId: Id('cha').optional().describe('The channel to send from; by default the workspace has one'),
  from: z.string().min(1).max(32).optional().describe('The number of the channel, instead of its id'),
  audienceId: Id('aud').optional().describe('To everybody in this audience, as it is when the campaign begins'),
  recipients: z.array(MemberInput).min(1).max(MEMBERS_AT_ONCE).optional().describe('Or to these people'),
  text: z.string().min(1).optional().describe('Short for content {"type":"text"}'),
  content: WireContent.optional().describe('{tokens} in its texts take the words of each person'),
  startAt: Time.optional().describe('Not before this time, at most 365 days ahead; absent: now'),
  zone: CampaignFields.zone.removeDefault().optional(),
  sendUntil: Time.optional().describe('Nothing leaves after this time; whoever is left is skipped'),
  quietHours: QuietHoursInput.optional(),
  onMissingVariable: CampaignFields.onMissingVariable.removeDefault().optional(),
  guard: GuardInput.nullable().optional(),
  category: CampaignFields.category,
}
type Said = { text?: unknown; content?: unknown }
const saysOneThing = ({ text, content }: Said) => (text === undefined) !== (content === undefined)
const SAY_ONE_THING = { path: ['content'], message: 'give content, or text for short' }

export const NewCampaign = z
  .strictObject({ ...Fields, draft: z.boolean().optional().describe('Kept as it is until it is started') })
  .refine(saysOneThing, SAY_ONE_THING)
  .refine(saysToWhom, SAY_TO_WHOM)
  .meta({ example: EXAMPLE })
export const DryRun = z.strictObject(Fields).refine(saysOneThing, SAY_ONE_THING).refine(saysToWhom, SAY_TO_WHOM).meta({ example: EXAMPLE })
export const CampaignEdit = z
  .strictObject({
    name: Fields.name.optional(),
    channelId: Fields.channelId,
    text: Fields.text,
    content: Fields.content,
    startAt: Time.nullable().optional(),
    zone: Fields.zone,
    sendUntil: Time.nullable().optional(),
    quietHours: QuietHoursInput.nullable().optional(),
    onMissingVariable: Fields.onMissingVariable,
    guard: Fields.guard,
    category: Fields.category,
  })
  .refine((edit) => Object.values(edit).some((value) => value !== undefined), 'nothing to change')
  .refine(({ text, content }) => text === undefined || content === undefined, SAY_ONE_THING)
  .meta({ example: { text: 'Hello {name}, summer is here.' } })
export const RetryFailed = z
  .strictObject({
    includeUnknown: z.boolean().optional().describe('Also those of whom nobody knows whether it arrived: some may get it twice'),
  })
  .nullish()
  .meta({ example: { includeUnknown: false } })

const words = (text: string) => text.split(',').map((word) => word.trim())
export const CampaignQuery = z.strictObject({
  ...Paging,
  state: z
    .string()
    .max(200)
    .transform(words)
    .pipe(z.array(z.enum(CAMPAIGN_STATES)))
    .optional()
    .describe('One or several states, with commas'),
})
export const RecipientQuery = z.strictObject({
  ...Paging,
  state: z
    .string()
    .max(200)
    .transform(words)
    .pipe(z.array(z.enum(COUNTED_STATES)))
    .optional()
    .meta({ description: 'One or several states, with commas', examples: ['failed,skipped'] }),
})

const Count = z.int()
const Why = { code: z.string(), reason: z.string(), count: Count }
export const ShownCampaign = z
  .object({
    id: ShownId('cmp'),
    name: z.string(),
    state: z.enum(CAMPAIGN_STATES),
    reason: z.string().nullable().describe('Why it is paused by its guard, or failed'),
    channelId: ShownId('cha'),
    audienceId: ShownId('aud').describe('Of a campaign with recipients of its own: a list that nothing else shows'),
    content: z.record(z.string(), z.unknown()),
    startAt: ShownTime.nullable(),
    zone: z.enum(['sender', 'recipient']),
    sendUntil: ShownTime.nullable(),
    quietHours: z.object({ from: z.string(), to: z.string() }).nullable(),
    onMissingVariable: z.string(),
    guard: z.object({ failurePercent: z.number(), least: Count }).nullable(),
    category: z.string().nullable(),
    retryOf: ShownId('cmp').nullable(),
    recipients: Count.nullable().describe('How many, frozen when it begins'),
    counts: z.record(z.string(), Count).describe('Recipients by state, counted from their rows'),
    reasons: z
      .array(z.object({ state: z.string(), ...Why, advice: z.string().nullable() }))
      .describe('What went wrong, the most frequent first'),
    countedAt: ShownTime.nullable(),
    createdAt: ShownTime,
    startedAt: ShownTime.nullable(),
    endedAt: ShownTime.nullable(),
  })
  .meta({ title: 'Campaign' })
export const CampaignList = ListOf(ShownCampaign)

const ShownCampaignRecipient = z.object({
  to: z.string(),
  state: z.enum(COUNTED_STATES),
  code: z.string().nullable(),
  reason: z.string().nullable(),
  advice: z.string().nullable(),
  variables: z.record(z.string(), z.string()),
  messageId: ShownId('msg').nullable().describe('Null until it is made'),
  dueAt: ShownTime,
  sentAt: ShownTime.nullable(),
  deliveredAt: ShownTime.nullable(),
  readAt: ShownTime.nullable(),
})
export const RecipientList = ListOf(ShownCampaignRecipient)

export const ShownPreview = z
  .object({
    recipients: Count,
    toSend: Count,
    skipped: z.array(z.object({ ...Why, examples: z.array(z.string()) })),
    byCountry: z.array(z.object({ country: z.string(), count: Count })).describe('Messages by the country of their number'),
    cost: z
      .object({ currency: z.string(), amount: z.number(), unpriced: Count.describe('Messages that the list has no price for') })
      .nullable()
      .describe("By the workspace's price list; null: it has none"),
    firstAt: ShownTime.nullable(),
    endsAt: ShownTime.nullable().describe("When the last would leave at the channel's pace"),
    messagesPerSecond: z.number(),
  })
  .meta({ title: 'Dry run' })

export function showCampaign(campaign: CountedCampaign) {
  const { settings, counts } = campaign
  return {
    id: showId('cmp', campaign.id),
    name: campaign.name,
    state: campaign.state,
    reason: campaign.reason ?? null,
    channelId: showId('cha', campaign.channelId),
    audienceId: showId('aud', campaign.audienceId),
    content: showContent(campaign.content),
    startAt: showTime(campaign.startAt),
    zone: settings.zone,
    sendUntil: showTime(campaign.sendUntil),
    quietHours: settings.quietHours ?? null,
    onMissingVariable: settings.onMissingVariable,
    guard: settings.guard,
    category: settings.category ?? null,
    retryOf: showMaybe('cmp', campaign.retryOf),
    recipients: campaign.total ?? null,
    counts: counts.byState,
    reasons: counts.reasons.map((reason) => ({ ...reason, advice: reason.advice ?? null })),
    countedAt: campaign.startedAt ? showTime(counts.at) : null,
    createdAt: showTime(campaign.createdAt),
    startedAt: showTime(campaign.startedAt),
    endedAt: showTime(campaign.endedAt),
  }
}

export const showRecipient = ({ address, messageId, dueAt, sentAt, deliveredAt, readAt, ...rest }: ShownRecipient) => ({
  to: address,
  state: rest.state,
  code: rest.code,
  reason: rest.reason,
  advice: rest.advice,
  variables: rest.variables,
  messageId: showMaybe('msg', messageId ?? undefined),
  dueAt: showTime(dueAt),
  sentAt: showTime(sentAt ?? undefined),
  deliveredAt: showTime(deliveredAt ?? undefined),
  readAt: showTime(readAt ?? undefined),
})

export const showPreview = ({ firstAt, endsAt, cost, ...rest }: Preview) => ({
  ...rest,
  cost: cost ?? null,
  firstAt: showTime(firstAt),
  endsAt: showTime(endsAt),
})

import { z } from 'zod'
import { MEMBERS_AT_ONCE, MemberInput } from '#core/audiences'
import { Content } from '#core/content'
import { GUARD_DEFAULT, ON_MISSING } from './campaign.ts'

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day as HH:MM')

export const QuietHoursInput = z
  .strictObject({ from: TimeOfDay, to: TimeOfDay })
  .refine(({ from, to }) => from !== to, 'from and to must differ')
  .describe("Local times between which nobody is written to; where somebody's clock stands is told by his contact, else by his number")
export const GuardInput = z
  .strictObject({ failurePercent: z.number().gt(0).max(100), least: z.int().min(10).max(100_000).default(GUARD_DEFAULT.least) })
  .describe('Pauses the campaign by itself when more than this share of at least so many tries failed')

/** What a campaign is made of; the times are checked by the verbs. */
export const CampaignFields = {
  name: z.string().trim().min(1).max(120),
  channelId: z.uuid().optional().describe('The channel to send from; by default the workspace has one'),
  from: z.string().max(32).optional().describe('The number of the channel, instead of its id'),
  persona: z.enum(['own_number', 'cloud']).optional(),
  content: Content.describe('What to say; {tokens} in its texts take the words of each person'),
  startAt: z.date().optional().describe('Not before this time; absent: now'),
  zone: z.enum(['sender', 'recipient']).default('sender').describe("Whose clock startAt means: one moment for all, or each person's own"),
  sendUntil: z.date().optional().describe('Nothing leaves after this time'),
  quietHours: QuietHoursInput.optional(),
  onMissingVariable: z.enum(ON_MISSING).default('fail').describe('When somebody lacks a word that the content asks for'),
  guard: GuardInput.nullable().default(GUARD_DEFAULT),
  category: z.enum(['marketing', 'utility', 'authentication', 'service']).optional(),
}

/** To whom: an audience, or people named here. */
export const To = {
  audienceId: z.uuid().optional(),
  recipients: z.array(MemberInput).min(1).max(MEMBERS_AT_ONCE).optional(),
}
export const saysToWhom = ({ audienceId, recipients }: { audienceId?: unknown; recipients?: unknown }): boolean =>
  (audienceId === undefined) !== (recipients === undefined)
export const SAY_TO_WHOM = { path: ['audienceId'], message: 'give an audience, or recipients' }

export const CampaignInput = z.strictObject({ ...CampaignFields, ...To }).refine(saysToWhom, SAY_TO_WHOM)
export type CampaignInput = z.output<typeof CampaignInput>

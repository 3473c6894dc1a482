import { z } from 'zod'

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM')
const Seconds = z.number().min(1).max(86_400)
const Percent = z.number().min(0).max(100)

const Gap = z.strictObject({ least: Seconds, most: Seconds }).refine(({ least, most }) => least <= most, 'least must not be more than most')
const Hours = z
  .strictObject({ from: TimeOfDay, to: TimeOfDay, days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('1 is Monday, 7 Sunday') })
  .refine(({ from, to }) => from < to, 'from must be before to')

/** Cold: to somebody who never wrote to the number. */
const Whole = z.strictObject({
  jitterPercent: z.number().min(0).max(90).describe('How much the gaps between any messages differ, around their mean'),
  personSeconds: z.number().min(0).max(60).describe('Between two messages to one person, at least'),
  cold: z.enum(['on', 'off']).describe('Whether the rules for cold contacts (people who never wrote to this number) bind it'),
  firstDay: z.int().min(1).max(1_000).describe('Cold messages on the first day on which it was linked'),
  growthPercent: Percent.describe('How many more each further day'),
  mostPerDay: z.int().min(1).max(1_000).describe('Cold messages a day at most'),
  gapSeconds: Gap.describe('Drawn anew between two cold messages; now and then it is several times as long'),
  hours: Hours.describe('When cold messages may leave, where the recipient lives'),
  failurePercent: Percent.describe('Cold messages stop when more than this share of the last 100 sends failed'),
  replyPercent: Percent.describe('Cold messages stop when fewer than this share of the last 50 cold contacts ever wrote back'),
  coolDownHours: z.int().min(1).max(192).describe('How long they stop; twice as long each further time, 8 days at most'),
})

/** How an own number paces itself, as a caller may wish it. */
export const PacingInput = Whole.partial().describe(
  'Own numbers only. What is absent is as usual; given anew it replaces what was given before',
)

export type BusinessHours = z.output<typeof Hours>
export type Pacing = z.output<typeof Whole>
export type PacingWishes = z.output<typeof PacingInput>

const USUAL: Pacing = {
  jitterPercent: 30,
  personSeconds: 6,
  cold: 'on',
  firstDay: 5,
  growthPercent: 25,
  mostPerDay: 50,
  gapSeconds: { least: 45, most: 120 },
  hours: { from: '09:00', to: '19:00', days: [1, 2, 3, 4, 5, 6] },
  failurePercent: 5,
  replyPercent: 20,
  coolDownHours: 24,
}

/** With what is usual where nothing was wished. */
export const pacingOf = ({ pacing }: { pacing?: PacingWishes }): Pacing => Object.assign({}, USUAL, pacing)

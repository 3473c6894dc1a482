import { z } from 'zod'

const VARIABLES_MOST = 32

export const Variables = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,31}$/, 'a letter or underscore, then letters, digits and underscores: 32 at most'),
    z.string().max(1024),
  )
  .refine((variables) => Object.keys(variables).length <= VARIABLES_MOST, `${VARIABLES_MOST} variables at most`)
  .describe('Words that take the place of {tokens} in a text')

export const MemberInput = z.strictObject({
  to: z.string().min(1).max(128).describe('A phone number in any spelling, or the id of a chat, group or newsletter'),
  variables: Variables.default({}),
})
export type MemberInput = z.output<typeof MemberInput>

/** How many come in one request. */
export const MEMBERS_AT_ONCE = 1_000
export const AudienceName = z.string().trim().min(1).max(120)

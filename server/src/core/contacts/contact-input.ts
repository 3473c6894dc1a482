import { z } from 'zod'
import { isTimeZone } from '#kit/time-zones'

const FIELDS_MOST = 100
const FIELDS_LENGTH_MOST = 16_384

/** What a caller may say of a person; null takes it back. */
export const ContactInput = z.strictObject({
  name: z.string().trim().min(1).max(255).nullable().optional(),
  email: z.email().max(254).nullable().optional(),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$/, 'a language tag')
    .max(35)
    .nullable()
    .optional(),
  timeZone: z.string().max(64).refine(isTimeZone, 'an IANA time zone').nullable().optional(),
  externalId: z.string().min(1).max(255).nullable().optional(),
  fields: z
    .record(
      z.string().min(1).max(100),
      z.union([z.string().max(4096), z.number(), z.boolean(), z.null(), z.array(z.string().max(1024)).max(100)]),
    )
    .refine((fields) => Object.keys(fields).length <= FIELDS_MOST, `at most ${FIELDS_MOST} fields`)
    .refine((fields) => JSON.stringify(fields).length <= FIELDS_LENGTH_MOST, 'too much in all')
    .optional()
    .describe('Custom fields; only the given ones change, null removes one'),
  optedOut: z.boolean().optional().describe('Wants no campaigns and no marketing'),
  blocked: z.boolean().optional(),
})
export type ContactInput = z.output<typeof ContactInput>

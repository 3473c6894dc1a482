import { z } from 'zod'
import { isCountry } from '#core/addresses'
import { operation } from '#kit/operation'
import { isTimeZone } from '#kit/time-zones'
import { findWorkspace } from './get-workspace.ts'
import { editWorkspaceRow } from './workspace.store.ts'
import type { WorkspaceEntry } from './workspace.ts'

const Words = z.array(z.string().trim().min(1).max(32)).max(100)
const Reply = z.string().trim().min(1).max(1024).nullable()

const OptOut = z.strictObject({
  stopWords: Words.optional().describe('Each alone is a message that asks for no more marketing; large and small letters are the same'),
  startWords: Words.optional().describe('And for it again'),
  stopReply: Reply.optional().describe('What one is answered, once; null: nothing'),
  startReply: Reply.optional(),
})

const Price = z.number().min(0).max(1_000)
const CategoryPrices = z.strictObject({ marketing: Price.optional(), utility: Price.optional(), authentication: Price.optional() })
const Prices = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'a currency, ISO 4217')
    .describe('ISO 4217'),
  byCountry: z.record(z.string().refine(isCountry, 'a country, ISO 3166-1 alpha-2'), CategoryPrices),
  elsewhere: CategoryPrices.optional().describe('For countries that are not in the list'),
})

/** What may be said of a workspace; null takes a setting back to ours. */
export const WorkspaceInput = z.strictObject({
  defaultCountry: z
    .string()
    .toUpperCase()
    .refine(isCountry, 'a country, ISO 3166-1 alpha-2')
    .optional()
    .describe('Whose phone numbers are written without a country code'),
  timeZone: z.string().max(64).refine(isTimeZone, 'an IANA time zone').optional(),
  late: z
    .strictObject({ afterSeconds: z.int().min(1).max(31_536_000), action: z.enum(['expire', 'hold']) })
    .nullable()
    .optional()
    .describe('How late a message with sendAt may start, and what becomes of it then'),
  optOut: OptOut.nullable().optional().describe('STOP and START'),
  prices: Prices.nullable().optional().describe('What Meta charges you for a template message; the dry run of a campaign adds it up'),
})

export const updateWorkspace = operation({
  name: 'workspaces.update',
  does: 'Change the settings of the workspace that the key opens; they hold for what comes from now on.',
  needs: 'organization:write',
  mayRefuse: ['invalid'],
  transaction: 'none', // one statement, by the owner
  input: WorkspaceInput,
  async run(ctx, { defaultCountry, timeZone, ...settings }): Promise<WorkspaceEntry> {
    await editWorkspaceRow(ctx.db, ctx.workspaceId, { defaultCountry, timeZone, settings })
    ctx.ports.workspaces.forget(ctx.workspaceId)
    return findWorkspace(ctx.db, ctx.workspaceId)
  },
})

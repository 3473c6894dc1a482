import { z } from 'zod'
import { OPT_OUT_DEFAULTS } from '#core/contacts'
import type { Plan } from '#core/plans'
import { LATE_DEFAULT, type WorkspaceEntry, WorkspaceInput } from '#core/workspaces'
import type { Actor } from '#kit/context'
import { ShownId, showId, showMaybe } from './ids.wire.ts'

const Environment = z.enum(['live', 'test'])

export const MyPlace = z.object({
  organization: z.object({ id: ShownId('org'), name: z.string() }),
  workspace: z.object({ id: ShownId('wsp'), environment: Environment, defaultCountry: z.string(), timeZone: z.string() }),
  plan: z.string(),
  key: z.object({ id: ShownId('key').nullable(), scopes: z.array(z.string()) }),
})

export const showMe = (
  { id, organizationId, organizationName, environment, defaultCountry, timeZone, plan }: WorkspaceEntry,
  actor: Actor,
) => ({
  organization: { id: showId('org', organizationId), name: organizationName },
  workspace: { id: showId('wsp', id), environment, defaultCountry, timeZone },
  plan: plan.name,
  key: { id: showMaybe('key', actor.id), scopes: actor.scopes },
})

const Limit = z.number().nullable()
export const MyPlan = z
  .object({
    name: z.string(),
    requestsPerMinute: Limit,
    scheduledWaiting: Limit,
    messagesPerMonth: Limit,
    subscribers: Limit,
    footer: z.string().nullable(),
  })
  .describe('Null: no limit')

export const PlanChoice = z
  .strictObject({ name: z.string().min(1).max(64).describe('free, pro, unlimited, or one that the operator added') })
  .meta({ example: { name: 'pro' } })

export const showPlan = ({ name, requestsPerMinute, scheduledWaiting, messagesPerMonth, subscribers, footer }: Plan) => ({
  name,
  requestsPerMinute: requestsPerMinute ?? null,
  scheduledWaiting: scheduledWaiting ?? null,
  messagesPerMonth: messagesPerMonth ?? null,
  subscribers: subscribers ?? null,
  footer: footer ?? null,
})

export const WorkspaceEdit = WorkspaceInput.refine((edit) => Object.keys(edit).length > 0, 'nothing to change').meta({
  example: {
    defaultCountry: 'PE',
    timeZone: 'America/Lima',
    optOut: { stopWords: ['stop', 'baja'], stopReply: 'Listo, no te escribiremos m\u00e1s.' },
    prices: {
      currency: 'USD',
      byCountry: { PE: { marketing: 0.0703, utility: 0.02, authentication: 0.02 } },
      elsewhere: { marketing: 0.1 },
    },
  },
})

const ShownPrices = z.object({ marketing: z.number().optional(), utility: z.number().optional(), authentication: z.number().optional() })

export const ShownWorkspace = z.object({
  id: ShownId('wsp'),
  environment: Environment,
  defaultCountry: z.string(),
  timeZone: z.string(),
  late: z.object({ afterSeconds: z.int(), action: z.enum(['expire', 'hold']) }),
  optOut: z.object({
    stopWords: z.array(z.string()),
    startWords: z.array(z.string()),
    stopReply: z.string().nullable(),
    startReply: z.string().nullable(),
  }),
  prices: z
    .object({ currency: z.string(), byCountry: z.record(z.string(), ShownPrices), elsewhere: ShownPrices.optional() })
    .nullable()
    .describe('What Meta charges for a template message, by country and category'),
})

export const showWorkspace = ({ id, environment, defaultCountry, timeZone, settings }: WorkspaceEntry) => ({
  id: showId('wsp', id),
  environment,
  defaultCountry,
  timeZone,
  late: settings.late ?? LATE_DEFAULT,
  optOut: { ...OPT_OUT_DEFAULTS, ...settings.optOut },
  prices: settings.prices ?? null,
})

import { z } from 'zod'
import type { Plan } from '#core/plans'
import type { WorkspaceEntry } from '#core/workspaces'
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

import { z } from 'zod'
import { findPlan, listPlanNames, type Plan } from '#core/plans'
import type { Db } from '#kit/db'
import { DomainError, invalidField, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findOrganizations, updatePlan } from './organization.store.ts'
import type { Organization } from './organization.ts'

export const changePlan = operation({
  name: 'organization.plan.change',
  does: 'Put the organization on another plan: its limits and its footer hold from the next request and the next message on. Takes a live key.',
  needs: 'organization:write',
  mayRefuse: ['invalid', 'forbidden'],
  transaction: 'none', // no tenant may write the organization's row: the owner does, once the scope is known
  input: z.strictObject({ name: z.string().min(1).max(64) }),
  async run(ctx, { name }): Promise<Plan> {
    if (ctx.actor.environment !== 'live')
      throw new DomainError('forbidden', 'The plan is the whole organization\u2019s: it takes a live key')
    const plan = await requirePlan(ctx.db, name, 'name')
    await updatePlan(ctx.db, ctx.actor.organizationId, name)
    ctx.ports.workspaces.forget(ctx.workspaceId)
    return plan
  },
})

/** By an organization's name. Throws `not_found`, `conflict` when several have that name, `invalid` on an unknown plan. */
export async function changePlanAsOperator(db: Db, { organization, plan }: { organization: string; plan: string }): Promise<Organization> {
  await requirePlan(db, plan, 'plan')
  const [found, other] = await findOrganizations(db, organization)
  if (!found) throw new DomainError('not_found', `There is no organization named ${organization}.`)
  if (other) throw new DomainError('conflict', `Several organizations are named ${organization}.`)
  const changed = await updatePlan(db, found.id, plan)
  if (!changed) throw notFound('organization')
  return changed
}

async function requirePlan(db: Db, name: string, path: string): Promise<Plan> {
  const plan = await findPlan(db, name)
  if (!plan) throw invalidField(path, `there is no plan ${JSON.stringify(name)}: it is one of ${(await listPlanNames(db)).join(', ')}`)
  return plan
}

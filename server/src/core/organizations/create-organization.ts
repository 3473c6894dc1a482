import { findPlan } from '#core/plans'
import type { Workspace } from '#core/workspaces'
import type { Db } from '#kit/db'
import { invalidField } from '#kit/errors'
import { newId } from '#kit/ids'
import { insertOrganization } from './organization.store.ts'
import type { Organization } from './organization.ts'

type Wishes = {
  name: string
  /** Default: unlimited. */
  plan?: string
  /** ISO 3166-1 alpha-2. Default: US. */
  defaultCountry?: string
  /** Default: UTC. */
  timeZone?: string
}

/** Makes an organization and its two workspaces; `db` is the owner's. Throws `invalid` on an unknown plan. */
export async function createOrganization(
  db: Db,
  { name, plan = 'unlimited', defaultCountry = 'US', timeZone = 'UTC' }: Wishes,
): Promise<{ organization: Organization; live: Workspace; test: Workspace }> {
  if (!(await findPlan(db, plan))) throw invalidField('plan', 'there is no such plan')
  const id = newId()
  const liveId = newId()
  const testId = newId()
  const createdAt = await insertOrganization(db, { id, name, plan, liveId, testId, defaultCountry, timeZone })
  const common = { organizationId: id, defaultCountry, timeZone, settings: {}, createdAt }
  return {
    organization: { id, name, plan, createdAt },
    live: { ...common, id: liveId, environment: 'live' },
    test: { ...common, id: testId, environment: 'test' },
  }
}

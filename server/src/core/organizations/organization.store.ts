import { all, type Db, first, sql } from '#kit/db'
import type { Organization } from './organization.ts'

export type NewOrganization = {
  id: string
  name: string
  plan: string
  liveId: string
  testId: string
  defaultCountry: string
  timeZone: string
}

/** Writes an organization with both workspaces and their event counters; answers when. One statement: all of it or nothing. */
export async function insertOrganization(db: Db, organization: NewOrganization): Promise<Date> {
  const { id, name, plan, liveId, testId, defaultCountry, timeZone } = organization
  const row = await first(
    db,
    sql<{ created_at: Date }>`
      with organization as (
        insert into organizations (id, name, plan, created_at) values (${id}, ${name}, ${plan}, chasqui_now()) returning created_at
      ), workspace as (
        insert into workspaces (id, organization_id, environment, default_country, time_zone, created_at)
        select w.id, ${id}, w.environment, ${defaultCountry}, ${timeZone}, o.created_at
        from unnest(${[liveId, testId]}::uuid[], ${['live', 'test']}::text[]) as w(id, environment), organization o
        returning id
      ), counter as (
        insert into workspace_counters (workspace_id) select id from workspace
      )
      select created_at from organization`,
  )
  if (!row) throw new Error('the organization was not written')
  return row.created_at
}

/** Whether anybody is here yet. */
export async function hasOrganization(db: Db): Promise<boolean> {
  return (await first(db, sql`select 1 from organizations limit 1`)) !== undefined
}

const COLUMNS = sql.raw('id, name, plan, created_at as "createdAt"')
const SHOWN_MOST = 1_000

/** The oldest first; `name` narrows. */
export async function findOrganizations(db: Db, name?: string): Promise<Organization[]> {
  return all(
    db,
    sql<Organization>`select ${COLUMNS} from organizations where ${name ?? null}::text is null or name = ${name ?? null} order by created_at, id limit ${SHOWN_MOST}`,
  )
}

/** Tells all nodes, which keep a workspace with its plan for seconds. */
export async function updatePlan(db: Db, organizationId: string, plan: string): Promise<Organization | undefined> {
  return first(
    db,
    sql<Organization>`
      with changed as (update organizations set plan = ${plan} where id = ${organizationId} returning *)
      select ${COLUMNS} from changed c where (select count(pg_notify('chasqui_changed', 'workspace:' || w.id)) from workspaces w where w.organization_id = c.id) >= 0`,
  )
}

import { all, type Db, first, json, run, sql } from '#kit/db'
import type { Workspace, WorkspaceSettings } from './workspace.ts'

type WorkspaceRow = {
  id: string
  organization_id: string
  environment: 'live' | 'test'
  default_country: string
  time_zone: string
  settings: WorkspaceSettings
  created_at: Date
  organization_name: string
  plan: string
}

/** The workspace, and the names of its organization and plan. */
export async function selectWorkspace(
  db: Db,
  workspaceId: string,
): Promise<{ workspace: Workspace; organizationName: string; plan: string } | undefined> {
  const row = await first(
    db,
    sql<WorkspaceRow>`select w.id, w.organization_id, w.environment, w.default_country, w.time_zone, w.settings, w.created_at, o.name as organization_name, o.plan
      from workspaces w join organizations o on o.id = w.organization_id where w.id = ${workspaceId}`,
  )
  if (!row) return undefined
  const workspace = {
    id: row.id,
    organizationId: row.organization_id,
    environment: row.environment,
    defaultCountry: row.default_country,
    timeZone: row.time_zone,
    settings: row.settings,
    createdAt: row.created_at,
  }
  return { workspace, organizationName: row.organization_name, plan: row.plan }
}

/** Workspaces of an environment, the oldest organization first; `organization` narrows by its name. */
export async function selectWorkspaces(
  db: Db,
  environment: 'live' | 'test',
  organization: string | undefined,
): Promise<{ id: string; organization: string }[]> {
  return all(
    db,
    sql<{
      id: string
      organization: string
    }>`select w.id, o.name as organization from workspaces w join organizations o on o.id = w.organization_id
      where w.environment = ${environment} and (${organization ?? null}::text is null or o.name = ${organization ?? null}) order by o.created_at limit 2`,
  )
}

export type WorkspaceEdit = { defaultCountry?: string | undefined; timeZone?: string | undefined; settings: object }

/** Settings that are given replace those of that name, null takes one back; all nodes are told. */
export async function editWorkspaceRow(db: Db, workspaceId: string, { defaultCountry, timeZone, settings }: WorkspaceEdit): Promise<void> {
  await run(
    db,
    sql`with edited as (
        update workspaces set default_country = coalesce(${defaultCountry ?? null}, default_country), time_zone = coalesce(${timeZone ?? null}, time_zone),
          settings = (settings || ${json(settings)}::jsonb) - array(select key from jsonb_each(${json(settings)}::jsonb) where value = 'null'::jsonb)
        where id = ${workspaceId} returning id)
      select pg_notify('chasqui_changed', 'workspace:' || id) from edited`,
  )
}

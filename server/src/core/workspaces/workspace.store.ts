import { type Db, first, sql } from '#kit/db'
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

import { z } from 'zod'
import { findPlan } from '#core/plans'
import type { Db } from '#kit/db'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { selectWorkspace } from './workspace.store.ts'
import type { WorkspaceEntry } from './workspace.ts'

/** Reads a workspace with its plan. Throws `not_found`. */
export async function findWorkspace(db: Db, workspaceId: string): Promise<WorkspaceEntry> {
  const found = await selectWorkspace(db, workspaceId)
  const plan = found && (await findPlan(db, found.plan))
  if (!plan) throw notFound('workspace')
  return { ...found.workspace, plan, organizationName: found.organizationName }
}

export const getWorkspace = operation({
  name: 'workspaces.get',
  does: 'The workspace that the key opens, its organization and its plan.',
  needs: 'organization:read',
  input: z.strictObject({}),
  run: (ctx): Promise<WorkspaceEntry> => findWorkspace(ctx.db, ctx.workspaceId),
})

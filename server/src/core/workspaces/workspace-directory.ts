import { createCache } from '#kit/cache'
import type { Db } from '#kit/db'
import { findWorkspace } from './get-workspace.ts'
import type { WorkspaceEntry } from './workspace.ts'

/** Workspaces with their plans, a few seconds old at most. */
export interface WorkspaceDirectory {
  /** Throws `not_found`. */
  get(workspaceId: string): Promise<WorkspaceEntry>
  forget(workspaceId: string): void
}

declare module '#kit/context' {
  interface Ports {
    workspaces: WorkspaceDirectory
  }
}

const WORKSPACES_MOST = 10_000
const AGE_MS = 5_000

/** `db` is the owner's. */
export function openWorkspaceDirectory({ db }: { db: Db }): WorkspaceDirectory {
  const known = createCache<Promise<WorkspaceEntry>>({ most: WORKSPACES_MOST, ageMs: AGE_MS })
  return {
    get(workspaceId) {
      const there = known.get(workspaceId)
      if (there) return there
      const looked = findWorkspace(db, workspaceId)
      known.set(workspaceId, looked)
      looked.catch(() => known.delete(workspaceId))
      return looked
    },
    forget: known.delete,
  }
}

import { all, type Db, sql } from '#kit/db'

export type SandboxNumber = { channelId: string; phone: string; persona: string }

/** The business numbers of a workspace on the simulated network. */
export async function selectSandboxNumbers(db: Db, workspaceId: string): Promise<SandboxNumber[]> {
  return all(
    db,
    sql<SandboxNumber>`select id as "channelId", phone, coalesce(settings ->> 'persona', 'own_number') as persona from channels
      where workspace_id = ${workspaceId} and kind = 'sandbox' and deleted_at is null order by id limit 100`,
  )
}

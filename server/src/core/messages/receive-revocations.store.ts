import { type Db, run, sql } from '#kit/db'
import { lockTargets } from './receive-edits.store.ts'

export async function writeRevocations(db: Db, workspaceId: string, revoked: ReadonlyMap<string, Date>): Promise<void> {
  if (revoked.size === 0) return
  const ids = [...revoked.keys()]
  await lockTargets(db, workspaceId, ids)
  await run(
    db,
    sql`update messages m set facts = coalesce(m.facts, '{}'::jsonb) || jsonb_build_object('deletedAt', r.at)
      from unnest(${ids}::uuid[], ${[...revoked.values()].map((at) => at.toISOString())}::text[]) as r(id, at)
      where m.workspace_id = ${workspaceId} and m.id = any(${ids}::uuid[]) and m.id = r.id and not coalesce(m.facts ? 'deletedAt', false)`,
  )
}

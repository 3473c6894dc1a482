import { type Db, json, run, sql } from '#kit/db'

type Linked = { workspaceId: string; id: string; url: string }

/** Keeps a preview with its message, unless the message has another text by now. */
export async function writePreview(db: Db, { workspaceId, id, url }: Linked, preview: object): Promise<void> {
  await run(
    db,
    sql`update messages set facts = coalesce(facts, '{}') || ${json({ linkPreview: preview })}::jsonb
      where workspace_id = ${workspaceId} and id = ${id} and position(${url} in content ->> 'text') > 0`,
  )
}

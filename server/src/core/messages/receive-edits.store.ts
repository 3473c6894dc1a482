import { type Db, run, sql } from '#kit/db'

/** Locks messages that others are about, in the order of ids. */
export async function lockTargets(db: Db, workspaceId: string, messageIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`select 1 from (select id from messages where workspace_id = ${workspaceId} and id = any(${messageIds}::uuid[]) order by id for update) locked`,
  )
}

/** The words of a text or a caption give way to those of an edit, and stand in the edit as what was before. */
export async function writeEdit(
  db: Db,
  workspaceId: string,
  { id, messageId, text, at }: { id: string; messageId: string; text: string; at: Date },
): Promise<void> {
  await run(
    db,
    sql`with before as (
        select m.id, w.place, m.content ->> w.place as text from messages m
        cross join lateral (select case m.content ->> 'type' when 'text' then 'text' else 'caption' end as place) w
        where m.workspace_id = ${workspaceId} and m.id = ${messageId} and m.content ->> 'type' in ('text', 'image', 'video', 'document')
      ), kept as (
        update messages e set content = e.content || jsonb_build_object('previousText', b.text)
        from before b where e.workspace_id = ${workspaceId} and e.id = ${id} and b.text is not null
      )
      update messages m set content = m.content || jsonb_build_object(b.place, ${text}::text), edited_at = ${at}, facts = m.facts - 'linkPreview'
      from before b where m.workspace_id = ${workspaceId} and m.id = b.id`,
  )
}

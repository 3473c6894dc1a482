import { type Db, run, sql } from '#kit/db'

/** Locks what was edited, in the order of ids. */
export async function lockEdited(db: Db, workspaceId: string, messageIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`select 1 from (select id from messages where workspace_id = ${workspaceId} and id = any(${messageIds}::uuid[]) order by id for update) locked`,
  )
}

/** The words of a text give way to those of an edit by whoever wrote it (in a group anybody can claim to edit anything), and stand in the edit as what was before. */
export async function writeEdit(
  db: Db,
  workspaceId: string,
  { id, messageId, text, at, direction }: { id: string; messageId: string; text: string; at: Date; direction: 'in' | 'out' },
): Promise<void> {
  await run(
    db,
    sql`with before as (
        select m.id, m.content ->> 'text' as text from messages m join messages e on e.workspace_id = ${workspaceId} and e.id = ${id}
        where m.workspace_id = ${workspaceId} and m.id = ${messageId} and m.direction = ${direction} and m.content ->> 'type' = 'text'
          and (m.direction = 'out' or (m.conversation_id = e.conversation_id and m.contact_id is not distinct from e.contact_id))
      ), kept as (
        update messages e set content = e.content || jsonb_build_object('previousText', b.text) from before b where e.workspace_id = ${workspaceId} and e.id = ${id}
      )
      update messages m set content = m.content || jsonb_build_object('text', ${text}::text), edited_at = ${at}
      from before b where m.workspace_id = ${workspaceId} and m.id = b.id`,
  )
}

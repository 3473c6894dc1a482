import { type Db, run, sql } from '#kit/db'

/** Gives everything of some contacts to another one, and takes the emptied ones away. Locks conversations, then messages, as everybody does. */
export async function moveToContact(db: Db, workspaceId: string, keptId: string, droppedIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`with locked as (select id from conversations where contact_id = any(${droppedIds}::uuid[]) and workspace_id = ${workspaceId} order by id for update)
      update conversations c set contact_id = ${keptId} from locked l where c.id = l.id`,
  )
  await run(
    db,
    sql`with locked as (
        select m.id from messages m join conversations c on c.id = m.conversation_id
        where c.contact_id = ${keptId} and m.workspace_id = ${workspaceId} and m.contact_id = any(${droppedIds}::uuid[]) order by m.id for update of m
      )
      update messages m set contact_id = ${keptId} from locked l where m.workspace_id = ${workspaceId} and m.id = l.id`,
  )
  await run(
    db,
    sql`with locked as (
        select m.id from messages m where m.workspace_id = ${workspaceId} and m.contact_id = any(${droppedIds}::uuid[])
          and m.direction = 'in' and m.address like '%@g.us' order by m.id for update
      )
      update messages m set contact_id = ${keptId} where m.workspace_id = ${workspaceId} and m.id = any(array(select id from locked))`,
  )
  await run(
    db,
    sql`update contact_identities set contact_id = ${keptId} where workspace_id = ${workspaceId} and contact_id = any(${droppedIds}::uuid[])`,
  )
  await run(db, sql`delete from contacts where workspace_id = ${workspaceId} and id = any(${droppedIds}::uuid[])`)
}

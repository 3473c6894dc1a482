import { all, type Db, run, sql } from '#kit/db'

/** Locks the conversations of a contact, in id order. */
export async function lockConversations(db: Db, workspaceId: string, contactId: string): Promise<string[]> {
  const rows = await all(
    db,
    sql<{
      id: string
    }>`select id from conversations where workspace_id = ${workspaceId} and contact_id = ${contactId} order by id for update`,
  )
  return rows.map(({ id }) => id)
}

/** Erases conversations with all that was said in them; what waits to be sent is stopped first. */
export async function eraseConversations(db: Db, workspaceId: string, conversationIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`select 1 from (select id from messages where workspace_id = ${workspaceId} and conversation_id = any(${conversationIds}::uuid[]) order by id for update) locked`,
  )
  await run(
    db,
    sql`delete from outbox where kind = 'send' and workspace_id = ${workspaceId} and conversation_id = any(${conversationIds}::uuid[])`,
  )
  await run(
    db,
    sql`delete from wire_ids w using messages m where m.workspace_id = ${workspaceId} and m.conversation_id = any(${conversationIds}::uuid[])
      and w.workspace_id = m.workspace_id and w.channel_id = m.channel_id and w.wire_id = m.wire_id and w.message_id = m.id`,
  )
  await run(db, sql`delete from messages where workspace_id = ${workspaceId} and conversation_id = any(${conversationIds}::uuid[])`)
  await run(db, sql`delete from conversations where workspace_id = ${workspaceId} and id = any(${conversationIds}::uuid[])`)
}

/** Takes addresses out of the recipients of every campaign; how many there were stays true. */
export async function eraseRecipients(db: Db, workspaceId: string, addresses: readonly string[]): Promise<void> {
  await run(
    db,
    sql`update campaign_recipients set address = 'erased:' || id, variables = '{}', state = 'erased', code = null, reason = null
      where workspace_id = ${workspaceId} and address = any(${addresses}::text[]) and campaign_id = any(array(select id from campaigns where workspace_id = ${workspaceId}))`,
  )
}

/** What he wrote into groups; the groups' conversations stay. */
export async function eraseFromGroups(db: Db, workspaceId: string, contactId: string): Promise<void> {
  const his = sql`select m.channel_id, m.wire_id, m.id from messages m
    where m.workspace_id = ${workspaceId} and m.contact_id = ${contactId} and m.direction = 'in' and m.address like '%@g.us'`
  await run(
    db,
    sql`delete from wire_ids w using (${his}) h where w.workspace_id = ${workspaceId} and w.channel_id = h.channel_id and w.wire_id = h.wire_id and w.message_id = h.id`,
  )
  await run(db, sql`delete from messages m using (${his}) h where m.workspace_id = ${workspaceId} and m.id = h.id`)
}

/** What he did in groups, and what was done to him there, is told without him. */
export async function eraseFromGroupChanges(db: Db, workspaceId: string, addresses: readonly string[]): Promise<void> {
  await run(
    db,
    sql`update group_changes set by = case when by <> all(${addresses}::text[]) then by end,
        participants = array(select p from unnest(participants) as p where p <> all(${addresses}::text[]))
      where workspace_id = ${workspaceId} and (participants && ${addresses}::text[] or by = any(${addresses}::text[]))`,
  )
}

/** Leaves conversations and messages where they are, without their contact. */
export async function detachConversations(db: Db, workspaceId: string, conversationIds: readonly string[]): Promise<void> {
  await run(
    db,
    sql`update conversations set contact_id = null where workspace_id = ${workspaceId} and id = any(${conversationIds}::uuid[])`,
  )
  await run(
    db,
    sql`with locked as (
        select id from messages where workspace_id = ${workspaceId} and conversation_id = any(${conversationIds}::uuid[]) and contact_id is not null order by id for update
      )
      update messages m set contact_id = null from locked l where m.workspace_id = ${workspaceId} and m.id = l.id`,
  )
}

/** Ends what would be sent to these addresses again and again, and forgets it; answers what that was. */
export async function eraseRecurrences(db: Db, workspaceId: string, addresses: readonly string[]): Promise<string[]> {
  const rows = await all(
    db,
    sql<{
      id: string
      live: boolean
    }>`with locked as (select id from recurrences where workspace_id = ${workspaceId} and address = any(${addresses}::text[]) order by id for update)
      delete from recurrences r using locked l where r.id = l.id returning r.id, r.state in ('active', 'paused') as live`,
  )
  return rows.filter(({ live }) => live).map(({ id }) => id)
}

/** Takes the contact away; its identities go with it. */
export async function deleteContactRow(db: Db, workspaceId: string, contactId: string): Promise<void> {
  await run(db, sql`delete from contacts where workspace_id = ${workspaceId} and id = ${contactId}`)
}

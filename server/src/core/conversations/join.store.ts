import { all, type Db, run, sql } from '#kit/db'

/** Locks conversations in order; answers those that are still there, the oldest first. */
export async function lockJoining(db: Db, workspaceId: string, conversationIds: readonly string[]): Promise<string[]> {
  const rows = await all(
    db,
    sql<{
      id: string
    }>`select id from conversations where workspace_id = ${workspaceId} and id = any(${conversationIds}::uuid[]) order by id for update`,
  )
  return rows.map(({ id }) => id)
}

export type Joining = { workspaceId: string; keptId: string; formerIds: readonly string[]; address: string }

/** All that was said in some conversations, and all that waits to be said, is in one from now on, under its address. */
export async function moveMessages(db: Db, { workspaceId, keptId, formerIds, address }: Joining): Promise<void> {
  await run(
    db,
    // lateral, and ids by a list: else the planner may read the workspace's whole history
    sql`with found as materialized (
        select m.id from unnest(${[keptId, ...formerIds]}::uuid[]) as k(id)
        cross join lateral (select id, address from messages where conversation_id = k.id offset 0) m where k.id <> ${keptId} or m.address <> ${address}
      ), locked as (
        select m.id from messages m where m.workspace_id = ${workspaceId} and m.id = any(array(select id from found)) order by m.id for update
      )
      update messages m set conversation_id = ${keptId}, address = ${address} where m.workspace_id = ${workspaceId} and m.id = any(array(select id from locked))`,
  )
  await run(
    db,
    sql`with locked as (select subject from outbox_sends where workspace_id = ${workspaceId} and conversation_id = any(${formerIds}::uuid[]) order by subject for update)
      update outbox_sends o set conversation_id = ${keptId} where o.subject = any(array(select subject from locked))`,
  )
  await movePins(db, { workspaceId, keptId, formerIds })
}

/** A message that was pinned in two of them is pinned once. */
async function movePins(db: Db, { workspaceId, keptId, formerIds }: Omit<Joining, 'address'>): Promise<void> {
  await run(
    db,
    sql`delete from message_pins p where p.workspace_id = ${workspaceId} and p.conversation_id = any(${formerIds}::uuid[]) and exists (
        select 1 from message_pins k where k.message_id = p.message_id and k.conversation_id = any(${[keptId, ...formerIds]}::uuid[])
          and (k.conversation_id = ${keptId} or k.conversation_id < p.conversation_id)
      )`,
  )
  await run(
    db,
    sql`update message_pins set conversation_id = ${keptId} where workspace_id = ${workspaceId} and conversation_id = any(${formerIds}::uuid[])`,
  )
}

/** The conversations themselves: what was kept takes over what the others knew, and they are remembered as it for a while. */
export async function moveMarks(db: Db, { workspaceId, keptId, formerIds, address }: Joining): Promise<void> {
  const { unread, inbound, latest, pair, pinned, marked, archived, contact } = SUMMARY
  await run(
    db,
    sql`with sum as (
        select ${unread}, ${inbound}, ${latest}, ${pair}, ${pinned}, ${marked}, ${archived}, ${contact}
        from conversations where workspace_id = ${workspaceId} and id = any(${[keptId, ...formerIds]}::uuid[])
      ), gone as (delete from conversations where workspace_id = ${workspaceId} and id = any(${formerIds}::uuid[]))
      update conversations c set unread = s.unread, last_inbound_at = s.last_inbound_at, last_message_at = s.last_message_at, pair_free_at = s.pair_free_at,
        pinned_at = s.pinned_at, marked_unread = s.marked_unread, archived_at = s.archived_at, contact_id = coalesce(c.contact_id, s.contact_id)
      from sum s where c.workspace_id = ${workspaceId} and c.id = ${keptId}`,
  )
  await run(db, sql`update conversations set address = ${address} where workspace_id = ${workspaceId} and id = ${keptId}`) // free only now
  await run(
    db,
    sql`insert into joined_conversations (former_id, workspace_id, conversation_id, at)
      select id, ${workspaceId}, ${keptId}, chasqui_now() from unnest(${formerIds}::uuid[]) as f(id) on conflict (former_id) do update set conversation_id = excluded.conversation_id`,
  )
}

const SUMMARY = {
  unread: sql`sum(unread)::integer as unread`,
  inbound: sql`max(last_inbound_at) as last_inbound_at`,
  latest: sql`max(last_message_at) as last_message_at`,
  pair: sql`max(pair_free_at) as pair_free_at`,
  pinned: sql`min(pinned_at) as pinned_at`,
  marked: sql`bool_or(marked_unread) as marked_unread`,
  archived: sql`case when count(archived_at) = count(*) then max(archived_at) end as archived_at`, // one that is in the list keeps it there
  contact: sql`(array_agg(contact_id order by id) filter (where contact_id is not null))[1] as contact_id`,
}

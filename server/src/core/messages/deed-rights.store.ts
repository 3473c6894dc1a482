import { all, type Db, first, sql } from '#kit/db'

type Place = { workspaceId: string; channelId: string; address: string }

/** Whether the number of a channel is an admin of a group. */
export async function isAdminThere(db: Db, { workspaceId, channelId, address }: Place): Promise<boolean> {
  const row = await first(
    db,
    sql`select 1 from groups g join channels c on c.id = g.channel_id join group_participants p on p.group_id = g.id and p.address = c.phone
      where g.channel_id = ${channelId} and g.address = ${address} and g.workspace_id = ${workspaceId} and g.left_at is null and p.role <> 'member'`,
  )
  return row !== undefined
}

export type Claim = { id: string; messageId: string; isRevoke: boolean }

/**
 * Those claims on messages (edits and revocations, written already) that are not for their authors to make. Anybody can claim to change anything:
 * it counts from whoever wrote the message, in its own chat; an admin of a group may take back what anybody wrote there.
 */
export async function findForged(db: Db, workspaceId: string, claims: readonly Claim[]): Promise<Set<string>> {
  if (claims.length === 0) return new Set()
  const rows = await all(
    db,
    sql<{
      id: string
    }>`select d.id from unnest(${claims.map(({ id }) => id)}::uuid[], ${claims.map(({ messageId }) => messageId)}::uuid[], ${claims.map(({ isRevoke }) => isRevoke)}::boolean[]) as d(id, target, is_revoke)
      cross join lateral (select * from messages where workspace_id = ${workspaceId} and id = d.id) e
      cross join lateral (select * from messages where workspace_id = ${workspaceId} and id = d.target) m
      where not (
        m.conversation_id = e.conversation_id and (
          (m.direction = e.direction and (e.direction = 'out' or e.address not like '%@g.us' or m.contact_id = e.contact_id)) is true
          or (d.is_revoke and exists (
            select 1 from groups g join channels c on c.id = g.channel_id join group_participants p on p.group_id = g.id
            where g.channel_id = e.channel_id and g.address = e.address and p.role <> 'member' and (
              (e.direction = 'out' and p.address = c.phone)
              or (e.direction = 'in' and exists (
                select 1 from contact_identities i
                where i.workspace_id = ${workspaceId} and i.contact_id = e.contact_id and i.kind in ('phone', 'lid') and i.value = p.address
              ))
            )
          ))
        )
      )`,
  )
  return new Set(rows.map(({ id }) => id))
}

import { all, type Db, sql } from '#kit/db'

/** Who finds more should say more. */
const FOUND_MOST = 5_000

const containing = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** Conversations by part of a number and by part of a name, one pass for each: asked of every row, a name would cost a look into contacts. */
export async function searchConversations(db: Db, workspaceId: string, search: string): Promise<string[]> {
  const pattern = containing(search)
  const digits = search.replace(/\D/g, '')
  const number = digits.length > 2 ? sql`or v.address like ${`%${digits}%`}` : sql``
  const rows = await all(
    db,
    sql<{
      id: string
    }>`(select v.id from conversations v where v.workspace_id = ${workspaceId} and (v.address ilike ${pattern} ${number}) limit ${FOUND_MOST})
      union
      (select v.id from contacts c join conversations v on v.contact_id = c.id
        where c.workspace_id = ${workspaceId} and (c.name ilike ${pattern} or c.profile_name ilike ${pattern}) limit ${FOUND_MOST})`,
  )
  return rows.map(({ id }) => id)
}

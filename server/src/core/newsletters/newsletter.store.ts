import type { RoadNewsletter } from '#core/transport'
import { all, type Db, first, sql } from '#kit/db'
import type { Newsletter } from './newsletter.ts'

type NewsletterRow = {
  id: string
  workspace_id: string
  channel_id: string
  address: string
  name: string
  description: string | null
  subscribers: number | null
  invite: string | null
  verified: boolean | null
  founded_at: Date | null
  created_at: Date
}

const COLUMNS = sql.raw(
  'n.id, n.workspace_id, n.channel_id, n.address, n.name, n.description, n.subscribers, n.invite, n.verified, n.founded_at, n.created_at',
)
/** A channel that is deleted has none any more. */
const OF_A_CHANNEL = sql.raw('exists (select 1 from channels h where h.id = n.channel_id and h.deleted_at is null)')

const toNewsletter = (row: NewsletterRow): Newsletter => ({
  id: row.id,
  workspaceId: row.workspace_id,
  channelId: row.channel_id,
  address: row.address,
  name: row.name,
  description: row.description ?? undefined,
  subscribers: row.subscribers ?? undefined,
  invite: row.invite ?? undefined,
  verified: row.verified ?? undefined,
  foundedAt: row.founded_at ?? undefined,
  createdAt: row.created_at,
})

/** As the network tells it, whether we knew it or not. */
export async function upsertNewsletter(
  db: Db,
  { id, workspaceId, channelId }: Pick<Newsletter, 'id' | 'workspaceId' | 'channelId'>,
  told: RoadNewsletter,
): Promise<Newsletter> {
  const { address, name, description, subscribers, invite, verified, foundedAt } = told
  const row = await first(
    db,
    sql<NewsletterRow>`insert into newsletters as n (id, workspace_id, channel_id, address, name, description, subscribers, invite, verified, founded_at, created_at)
      values (${id}, ${workspaceId}, ${channelId}, ${address}, ${name}, ${description ?? null}, ${subscribers ?? null}, ${invite ?? null}, ${verified ?? null}, ${foundedAt ?? null}, chasqui_now())
      on conflict (channel_id, address) do update set name = excluded.name, description = excluded.description, subscribers = excluded.subscribers,
        invite = coalesce(excluded.invite, n.invite), verified = excluded.verified, founded_at = coalesce(excluded.founded_at, n.founded_at)
      returning ${COLUMNS}`,
  )
  if (!row) throw new Error('a newsletter was not written')
  return toNewsletter(row)
}

export async function findNewsletterById(db: Db, workspaceId: string, id: string): Promise<Newsletter | undefined> {
  const row = await first(
    db,
    sql<NewsletterRow>`select ${COLUMNS} from newsletters n where n.workspace_id = ${workspaceId} and n.id = ${id} and ${OF_A_CHANNEL}`,
  )
  return row && toNewsletter(row)
}

/** Two channels may follow one: the older row. */
export async function findNewsletterAt(db: Db, workspaceId: string, address: string): Promise<Newsletter | undefined> {
  const row = await first(
    db,
    sql<NewsletterRow>`select ${COLUMNS} from newsletters n where n.workspace_id = ${workspaceId} and n.address = ${address} and ${OF_A_CHANNEL} order by n.id limit 1`,
  )
  return row && toNewsletter(row)
}

/** For a road, which knows its own channel. */
export async function findNewsletterOf(db: Db, channelId: string, address: string): Promise<Newsletter | undefined> {
  const row = await first(
    db,
    sql<NewsletterRow>`select ${COLUMNS} from newsletters n where n.channel_id = ${channelId} and n.address = ${address}`,
  )
  return row && toNewsletter(row)
}

const conditions = (workspaceId: string, search: string | undefined) => {
  const parts = [sql`n.workspace_id = ${workspaceId}`, OF_A_CHANNEL]
  if (search !== undefined) parts.push(sql`position(lower(${search}) in lower(n.name)) > 0`)
  return sql.join(parts, sql` and `)
}

type Search = { search: string | undefined; after: string | undefined; limit: number; skip: number | undefined }

/** Newest first. */
export async function selectNewsletters(db: Db, workspaceId: string, { search, after, limit, skip = 0 }: Search): Promise<Newsletter[]> {
  const beyond = after === undefined ? sql`` : sql`and n.id < ${after}`
  const rows = await all(
    db,
    sql<NewsletterRow>`select ${COLUMNS} from newsletters n where ${conditions(workspaceId, search)} ${beyond} order by n.id desc limit ${limit} offset ${skip}`,
  )
  return rows.map(toNewsletter)
}

export async function countNewsletters(db: Db, workspaceId: string, search: string | undefined): Promise<number> {
  const row = await first(
    db,
    sql<{ total: number }>`select count(*)::integer as total from newsletters n where ${conditions(workspaceId, search)}`,
  )
  return row?.total ?? 0
}

/** What those at these addresses are called, by address. */
export async function findNewsletterNames(db: Db, workspaceId: string, addresses: readonly string[]): Promise<Map<string, string>> {
  if (addresses.length === 0) return new Map()
  const rows = await all(
    db,
    sql<{
      address: string
      name: string
    }>`select address, name from newsletters where workspace_id = ${workspaceId} and address = any(${addresses}::text[]) and name is not null`,
  )
  return new Map(rows.map(({ address, name }) => [address, name]))
}

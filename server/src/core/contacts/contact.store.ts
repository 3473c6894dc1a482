import type { Identity } from '#core/addresses'
import { all, type Db, first, json, type RawBuilder, run, sql } from '#kit/db'
import type { Contact } from './contact.ts'

type ContactRow = {
  id: string
  workspace_id: string
  number: number
  name: string | null
  profile_name: string | null
  email: string | null
  phone: string | null
  language: string | null
  time_zone: string | null
  external_id: string | null
  fields: Record<string, unknown>
  identities: Identity[]
  opted_out_at: Date | null
  blocked_at: Date | null
  created_at: Date
  updated_at: Date
}

const CONTACT_COLUMNS = sql.raw(
  `c.id, c.workspace_id, c.number, c.name, c.profile_name, c.email, c.phone, c.language, c.time_zone, c.external_id, c.fields, c.opted_out_at, c.blocked_at,
   c.created_at, c.updated_at, (select coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) order by i.kind, i.value), '[]')
   from contact_identities i where i.contact_id = c.id) as identities`,
)

const toContact = (row: ContactRow): Contact => ({
  id: row.id,
  number: row.number,
  workspaceId: row.workspace_id,
  name: row.name ?? undefined,
  profileName: row.profile_name ?? undefined,
  email: row.email ?? undefined,
  phone: row.phone ?? undefined,
  language: row.language ?? undefined,
  timeZone: row.time_zone ?? undefined,
  externalId: row.external_id ?? undefined,
  fields: row.fields,
  identities: row.identities,
  optedOutAt: row.opted_out_at ?? undefined,
  blockedAt: row.blocked_at ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** The contacts that are there, in no order. */
export async function findContacts(db: Db, workspaceId: string, contactIds: readonly string[]): Promise<Contact[]> {
  const rows = await all(
    db,
    sql<ContactRow>`select ${CONTACT_COLUMNS} from contacts c where c.workspace_id = ${workspaceId} and c.id = any(${contactIds}::uuid[])`,
  )
  return rows.map(toContact)
}

/** Locks contacts in id order; answers those that are there, oldest first. */
export async function lockContacts(db: Db, workspaceId: string, contactIds: readonly string[]): Promise<Contact[]> {
  const rows = await all(
    db,
    sql<ContactRow>`select ${CONTACT_COLUMNS} from contacts c where c.workspace_id = ${workspaceId} and c.id = any(${contactIds}::uuid[]) order by c.id for update of c`,
  )
  return rows.map(toContact)
}

const asPattern = (words: string) => `%${words.replace(/[\\%_]/g, '\\$&')}%`

export type ContactFilter = {
  /** Looks into names, e-mail, phone and the caller's own id. */
  search?: string | undefined
  /** Has an address on WhatsApp. */
  reachable?: boolean | undefined
  /** Whether a conversation with him is archived. */
  archived?: boolean | undefined
}

function conditions(workspaceId: string, { search, reachable, archived }: ContactFilter): RawBuilder<unknown> {
  const parts: RawBuilder<unknown>[] = [sql`c.workspace_id = ${workspaceId}`]
  if (search !== undefined) {
    const pattern = asPattern(search)
    const digits = search.replace(/\D/g, '')
    parts.push(sql`(c.name ilike ${pattern} or c.profile_name ilike ${pattern} or c.email ilike ${pattern} or c.external_id = ${search}
      or (${digits.length} > 2 and c.phone like ${`%${digits}%`}))`)
  }
  if (reachable) parts.push(sql`(c.phone is not null or exists (select 1 from contact_identities i where i.contact_id = c.id))`)
  if (archived !== undefined)
    parts.push(
      sql`${sql.raw(archived ? '' : 'not')} exists (select 1 from conversations v where v.contact_id = c.id and v.archived_at is not null)`,
    )
  return sql.join(parts, sql` and `)
}

/** Newest first, one more than the limit. */
export async function selectContacts(
  db: Db,
  workspaceId: string,
  { limit, before, skip = 0, ...filter }: ContactFilter & { limit: number; before: string | undefined; skip: number | undefined },
): Promise<Contact[]> {
  const beyond = before === undefined ? sql`` : sql`and c.id < ${before}`
  const rows = await all(
    db,
    sql<ContactRow>`select ${CONTACT_COLUMNS} from contacts c where ${conditions(workspaceId, filter)} ${beyond}
      order by c.id desc limit ${limit + 1} offset ${skip}`,
  )
  return rows.map(toContact)
}

export async function countListed(db: Db, workspaceId: string, filter: ContactFilter): Promise<number> {
  const row = await first(db, sql<{ count: number }>`select count(*) as count from contacts c where ${conditions(workspaceId, filter)}`)
  return row?.count ?? 0
}

export type ContactFacts = Pick<
  Contact,
  'name' | 'profileName' | 'email' | 'phone' | 'language' | 'timeZone' | 'externalId' | 'fields' | 'optedOutAt' | 'blockedAt'
>

/** Writes every fact of a contact whose row the caller holds. */
export async function updateContactRow(
  db: Db,
  { workspaceId, id }: Pick<Contact, 'workspaceId' | 'id'>,
  facts: ContactFacts,
): Promise<void> {
  await run(
    db,
    sql`update contacts set name = ${facts.name ?? null}, profile_name = ${facts.profileName ?? null}, email = ${facts.email ?? null}, phone = ${facts.phone ?? null},
      language = ${facts.language ?? null}, time_zone = ${facts.timeZone ?? null}, external_id = ${facts.externalId ?? null}, fields = ${json(facts.fields)}::jsonb,
      opted_out_at = ${facts.optedOutAt ?? null}, blocked_at = ${facts.blockedAt ?? null}, updated_at = chasqui_now()
      where workspace_id = ${workspaceId} and id = ${id}`,
  )
}

/** Notes that people want no more, or want it again; answers those for whom that is new. */
export async function noteOptOuts(db: Db, workspaceId: string, contactIds: readonly string[], out: boolean): Promise<string[]> {
  if (contactIds.length === 0) return []
  const rows = await all(
    db,
    sql<{ id: string }>`
      with locked as (
        select id from contacts where workspace_id = ${workspaceId} and id = any(${contactIds}::uuid[]) and (opted_out_at is null) = ${out} order by id for update)
      update contacts c set opted_out_at = case when ${out} then n.at end, updated_at = n.at from locked l, (select chasqui_now() as at) n
      where c.workspace_id = ${workspaceId} and c.id = l.id returning c.id`,
  )
  return rows.map(({ id }) => id)
}

/** Counts contacts, no further than `most`. */
export async function countContacts(db: Db, workspaceId: string, most: number): Promise<number> {
  const row = await first(
    db,
    sql<{ count: number }>`select count(*) as count from (select 1 from contacts where workspace_id = ${workspaceId} limit ${most}) c`,
  )
  return row?.count ?? 0
}

/** Tells all nodes, with the commit, that addresses they remember may lead somewhere else now. */
export async function notifyMoved(db: Db, workspaceId: string): Promise<void> {
  await run(db, sql`select pg_notify('chasqui_changed', ${`workspace:${workspaceId}`})`)
}

import { all, type Db, json, run, sql } from '#kit/db'
import type { StoredCounts } from './campaign.store.ts'
import type { Campaign, CountedState, RecipientState } from './campaign.ts'

type OfCampaign = Pick<Campaign, 'workspaceId' | 'id'>

/** A member of an audience with all that decides whether he is written to, and when. */
export type Person = {
  memberId: string
  address: string
  variables: Record<string, string>
  name: string | null
  profileName: string | null
  timeZone: string | null
  isOptedOut: boolean
  isBlocked: boolean
  lastInboundAt: Date | null
}

/** The next of an audience's members, with what is known of them. */
export async function selectPeople(
  db: Db,
  { workspaceId, audienceId, channelId }: Pick<Campaign, 'workspaceId' | 'audienceId' | 'channelId'>,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<Person[]> {
  const beyond = after === undefined ? sql`` : sql`and m.id > ${after}`
  return all(
    db,
    sql<Person>`
      select m.id as "memberId", m.address, m.variables, c.name, c.profile_name as "profileName", c.time_zone as "timeZone",
        coalesce(c.opted_out_at is not null, false) as "isOptedOut", coalesce(c.blocked_at is not null, false) as "isBlocked", v.last_inbound_at as "lastInboundAt"
      from (select * from audience_members m where m.audience_id = ${audienceId} and m.workspace_id = ${workspaceId} ${beyond} order by m.id limit ${limit}) m
      left join contact_identities i on i.workspace_id = m.workspace_id and i.value = m.address
        and i.kind = case when m.address like '+%' then 'phone' when m.address like '%@lid' then 'lid' else 'bsuid' end
      left join contacts c on c.id = i.contact_id
      left join conversations v on v.channel_id = ${channelId} and v.address = m.address
      order by m.id`,
  )
}

export type NewRecipient = {
  id: string
  address: string
  variables: Readonly<Record<string, string>>
  state: 'waiting' | 'skipped'
  code: string | undefined
  reason: string | undefined
  dueAt: Date
}

/** Freezes people as recipients; whoever is one already stays as he is. */
export async function insertRecipients(db: Db, { workspaceId, id }: OfCampaign, recipients: readonly NewRecipient[]): Promise<void> {
  await run(
    db,
    sql`insert into campaign_recipients (campaign_id, id, workspace_id, address, variables, state, code, reason, due_at)
      select ${id}::uuid, r.id, ${workspaceId}::uuid, r.address, r.variables::jsonb, r.state, r.code, r.reason, r.due_at
      from unnest(${recipients.map((one) => one.id)}::uuid[], ${recipients.map(({ address }) => address)}::text[], ${recipients.map(({ variables }) => json(variables))}::text[],
        ${recipients.map(({ state }) => state)}::text[], ${recipients.map(({ code }) => code ?? null)}::text[], ${recipients.map(({ reason }) => reason ?? null)}::text[],
        ${recipients.map(({ dueAt }) => dueAt)}::timestamptz[]) as r(id, address, variables, state, code, reason, due_at)
      on conflict do nothing`,
  )
}

export async function countRecipients(db: Db, { workspaceId, id }: OfCampaign): Promise<number> {
  const [row] = await all(
    db,
    sql<{
      total: number
    }>`select count(*)::integer as total from campaign_recipients where campaign_id = ${id} and workspace_id = ${workspaceId}`,
  )
  return row?.total ?? 0
}

export type Waiting = { id: string; address: string; variables: Record<string, string>; dueAt: Date }

/** Those whose message is to be made next, the earliest first. */
export async function selectWaiting(
  db: Db,
  { workspaceId, id }: OfCampaign,
  { until, limit }: { until: Date; limit: number },
): Promise<Waiting[]> {
  return all(
    db,
    sql<Waiting>`select id, address, variables, due_at as "dueAt" from campaign_recipients
      where campaign_id = ${id} and workspace_id = ${workspaceId} and state = 'waiting' and due_at <= ${until} order by due_at, id limit ${limit}`,
  )
}

/** When the next of those who wait is due; undefined: nobody waits. */
export async function nextWaiting(db: Db, { workspaceId, id }: OfCampaign): Promise<Date | undefined> {
  const [row] = await all(
    db,
    sql<{
      at: Date
    }>`select due_at as at from campaign_recipients where campaign_id = ${id} and workspace_id = ${workspaceId} and state = 'waiting' order by due_at limit 1`,
  )
  return row?.at
}

export type Marked = { id: string; state: RecipientState; code?: string | undefined; reason?: string | undefined }

/** Takes recipients out of those who wait; answers who was still among them. */
export async function markRecipients(db: Db, { workspaceId, id }: OfCampaign, marked: readonly Marked[]): Promise<Set<string>> {
  const rows = await all(
    db,
    sql<{ id: string }>`
      update campaign_recipients r set state = n.state, code = n.code, reason = n.reason
      from unnest(${marked.map((one) => one.id)}::uuid[], ${marked.map(({ state }) => state)}::text[], ${marked.map(({ code }) => code ?? null)}::text[],
        ${marked.map(({ reason }) => reason ?? null)}::text[]) as n(id, state, code, reason)
      where r.campaign_id = ${id} and r.workspace_id = ${workspaceId} and r.id = n.id and r.state = 'waiting' returning r.id`,
  )
  return new Set(rows.map((row) => row.id))
}

/** Ends up to `most` of those who wait; answers how many. */
export async function endWaiting(
  db: Db,
  { workspaceId, id }: OfCampaign,
  { state, code, reason, most }: { state: 'skipped' | 'cancelled'; code: string; reason: string; most: number },
): Promise<number> {
  return run(
    db,
    sql`update campaign_recipients set state = ${state}, code = ${code}, reason = ${reason}
      where campaign_id = ${id} and id = any(array(select id from campaign_recipients where campaign_id = ${id} and workspace_id = ${workspaceId} and state = 'waiting'
        order by due_at, id limit ${most}))`,
  )
}

type CountRow = { state: CountedState; code: string | null; reason: string | null; advice: string | null; count: number }

/** What the rows say of a campaign: messages by their state, and recipients that have none. */
export async function countRows(db: Db, { workspaceId, id }: OfCampaign): Promise<StoredCounts> {
  const rows = await all(
    db,
    sql<CountRow>`
      select m.state, m.code, min(m.reason) as reason, min(m.advice) as advice, count(*)::integer as count from messages m
        where m.campaign_id = ${id} and m.workspace_id = ${workspaceId} group by m.state, m.code
      union all
      select r.state, r.code, min(r.reason), null, count(*)::integer from campaign_recipients r
        where r.campaign_id = ${id} and r.workspace_id = ${workspaceId} and r.state <> 'made' group by r.state, r.code`,
  )
  return addUp(rows)
}

function addUp(rows: readonly CountRow[]): StoredCounts {
  const byState: Partial<Record<CountedState, number>> = {}
  for (const { state, count } of rows) byState[state] = (byState[state] ?? 0) + count
  const reasons = rows
    .flatMap(({ state, code, reason, advice, count }) =>
      code === null ? [] : [{ state, code, reason: reason ?? code, advice: advice ?? undefined, count }],
    )
    .sort((a, b) => b.count - a.count)
  return { byState, reasons }
}

/** A recipient as a reader sees him: his message's state once it is made. */
export type ShownRecipient = {
  id: string
  address: string
  variables: Record<string, string>
  state: CountedState
  code: string | null
  reason: string | null
  advice: string | null
  messageId: string | null
  dueAt: Date
  sentAt: Date | null
  deliveredAt: Date | null
  readAt: Date | null
}

export async function selectRecipients(
  db: Db,
  { workspaceId, id }: OfCampaign,
  { after, limit, states }: { after: string | undefined; limit: number; states: readonly CountedState[] | undefined },
): Promise<ShownRecipient[]> {
  const beyond = after === undefined ? sql`` : sql`and r.id > ${after}`
  const among = states === undefined ? sql`` : sql`and coalesce(m.state, r.state) = any(${states}::text[])`
  return all(
    db,
    sql<ShownRecipient>`
      select r.id, r.address, r.variables, coalesce(m.state, r.state) as state, coalesce(m.code, r.code) as code, coalesce(m.reason, r.reason) as reason, m.advice,
        m.id as "messageId", r.due_at as "dueAt", m.sent_at as "sentAt", m.delivered_at as "deliveredAt", m.read_at as "readAt"
      from campaign_recipients r left join messages m on m.workspace_id = r.workspace_id and m.id = r.id
      where r.campaign_id = ${id} and r.workspace_id = ${workspaceId} ${beyond} ${among} order by r.id limit ${limit}`,
  )
}

/** Makes those whose message failed members of an audience, with the words they had; answers how many. */
export async function copyFailed(
  db: Db,
  { workspaceId, id }: OfCampaign,
  { audienceId, includeUnknown }: { audienceId: string; includeUnknown: boolean },
): Promise<number> {
  return run(
    db,
    sql`insert into audience_members (audience_id, id, workspace_id, address, variables, added_at)
      select ${audienceId}, r.id, r.workspace_id, r.address, r.variables, chasqui_now()
      from messages m join campaign_recipients r on r.campaign_id = m.campaign_id and r.id = m.id
      where m.campaign_id = ${id} and m.workspace_id = ${workspaceId} and m.state = 'failed' and (${includeUnknown} or m.code is distinct from 'outcome_unknown')`,
  )
}

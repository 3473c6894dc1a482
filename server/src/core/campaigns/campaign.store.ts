import { all, type Db, first, json, run, sql } from '#kit/db'
import type { Campaign, CampaignCounts } from './campaign.ts'

type Nullable<Row> = { [Key in keyof Row]: undefined extends Row[Key] ? Exclude<Row[Key], undefined> | null : Row[Key] }
export type StoredCounts = Pick<CampaignCounts, 'byState' | 'reasons'>
type CampaignRow = Nullable<Campaign> & { counts: StoredCounts | null; countedAt: Date | null }
/** With what was counted last. */
export type StoredCampaign = Campaign & { counts: StoredCounts | undefined; countedAt: Date | undefined }

const COLUMNS = sql.raw(
  `id, number, workspace_id as "workspaceId", name, channel_id as "channelId", audience_id as "audienceId", queue_id as "queueId", state, reason, content,
   start_at as "startAt", send_until as "sendUntil", settings, door, retry_of as "retryOf", frozen_after as "frozenAfter", frozen_at as "frozenAt", total,
   look_at as "lookAt", created_at as "createdAt", updated_at as "updatedAt", started_at as "startedAt", ended_at as "endedAt", counts, counted_at as "countedAt"`,
)

function toCampaign(row: CampaignRow): StoredCampaign {
  // every null of a row is an undefined of ours, and no column holds anything else that the type does not say
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as StoredCampaign
}

export type NewCampaign = Pick<
  Campaign,
  | 'id'
  | 'workspaceId'
  | 'name'
  | 'channelId'
  | 'audienceId'
  | 'state'
  | 'content'
  | 'startAt'
  | 'sendUntil'
  | 'settings'
  | 'door'
  | 'retryOf'
  | 'lookAt'
  | 'total'
> & { keyId: string | undefined }

export async function insertCampaign(db: Db, campaign: NewCampaign): Promise<StoredCampaign> {
  const row = await first(
    db,
    sql<CampaignRow>`insert into campaigns (id, workspace_id, name, channel_id, audience_id, state, content, start_at, send_until, settings, door, key_id, retry_of, look_at, total, created_at, updated_at)
      select ${campaign.id}, ${campaign.workspaceId}, ${campaign.name}, ${campaign.channelId}, ${campaign.audienceId}, ${campaign.state}, ${json(campaign.content)}::jsonb,
        ${campaign.startAt ?? null}, ${campaign.sendUntil ?? null}, ${json(campaign.settings)}::jsonb, ${campaign.door ?? null}, ${campaign.keyId ?? null}::uuid,
        ${campaign.retryOf ?? null}::uuid, ${campaign.lookAt ?? null}, ${campaign.total ?? null}, n.at, n.at from (select chasqui_now() as at) n returning ${COLUMNS}`,
  )
  if (!row) throw new Error('the campaign was not written')
  return toCampaign(row)
}

export async function findCampaign(db: Db, workspaceId: string, id: string): Promise<StoredCampaign | undefined> {
  const row = await first(db, sql<CampaignRow>`select ${COLUMNS} from campaigns where workspace_id = ${workspaceId} and id = ${id}`)
  return row && toCampaign(row)
}

export async function findCampaigns(db: Db, workspaceId: string, ids: readonly string[]): Promise<StoredCampaign[]> {
  const rows = await all(
    db,
    sql<CampaignRow>`select ${COLUMNS} from campaigns where workspace_id = ${workspaceId} and id = any(${ids}::uuid[])`,
  )
  return rows.map(toCampaign)
}

/** Its row is the caller's until the end of the transaction. */
export async function lockCampaign(db: Db, workspaceId: string, id: string): Promise<StoredCampaign | undefined> {
  const row = await first(
    db,
    sql<CampaignRow>`select ${COLUMNS} from campaigns where workspace_id = ${workspaceId} and id = ${id} for update`,
  )
  return row && toCampaign(row)
}

/** Campaigns that run on a channel, in order. */
export async function findRunning(db: Db, workspaceId: string, channelId: string): Promise<string[]> {
  const rows = await all(
    db,
    sql<{
      id: string
    }>`select id from campaigns where workspace_id = ${workspaceId} and channel_id = ${channelId} and state = 'running' order by id`,
  )
  return rows.map(({ id }) => id)
}

type Search = {
  order: 'newest' | 'oldest'
  after: string | undefined
  limit: number
  skip: number | undefined
  states: readonly string[] | undefined
}

export async function selectCampaigns(
  db: Db,
  workspaceId: string,
  { order, after, limit, skip = 0, states }: Search,
): Promise<StoredCampaign[]> {
  const beyond = after === undefined ? sql`` : order === 'newest' ? sql`and id < ${after}` : sql`and id > ${after}`
  const among = states === undefined ? sql`` : sql`and state = any(${states}::text[])`
  const rows = await all(
    db,
    sql<CampaignRow>`select ${COLUMNS} from campaigns where workspace_id = ${workspaceId} ${beyond} ${among}
      order by id ${sql.raw(order === 'newest' ? 'desc' : 'asc')} limit ${limit} offset ${skip}`,
  )
  return rows.map(toCampaign)
}

export async function countCampaigns(db: Db, workspaceId: string): Promise<number> {
  const row = await first(db, sql<{ total: number }>`select count(*)::integer as total from campaigns where workspace_id = ${workspaceId}`)
  return row?.total ?? 0
}

/** What may change of a campaign whose row the caller holds; what is not named stays. */
const WRITABLE = {
  name: 'name',
  state: 'state',
  reason: 'reason',
  queueId: 'queue_id',
  channelId: 'channel_id',
  content: 'content',
  startAt: 'start_at',
  sendUntil: 'send_until',
  settings: 'settings',
  frozenAfter: 'frozen_after',
  frozenAt: 'frozen_at',
  total: 'total',
  lookAt: 'look_at',
  startedAt: 'started_at',
  endedAt: 'ended_at',
} as const satisfies Partial<Record<keyof Campaign, string>>

export async function updateCampaignRow(
  db: Db,
  { workspaceId, id }: Pick<Campaign, 'workspaceId' | 'id'>,
  changes: { [Key in keyof typeof WRITABLE]?: Campaign[Key] },
): Promise<StoredCampaign> {
  const assignments = Object.entries(WRITABLE).flatMap(([key, column]) => {
    if (!(key in changes)) return []
    const value = changes[key as keyof typeof WRITABLE] // a key of WRITABLE, by Object.entries
    const isJson = key === 'content' || key === 'settings'
    return [isJson ? sql`${sql.raw(column)} = ${json(value)}::jsonb` : sql`${sql.raw(column)} = ${value ?? null}`]
  })
  const row = await first(
    db,
    sql<CampaignRow>`update campaigns set ${sql.join([...assignments, sql`updated_at = chasqui_now()`])}
      where workspace_id = ${workspaceId} and id = ${id} returning ${COLUMNS}`,
  )
  if (!row) throw new Error('the campaign is gone')
  return toCampaign(row)
}

export type Turn = { id: string; workspaceId: string; until: Date }

/** Takes campaigns that have something to be done; should this node die, they are free again at `until`. Of the owner: of all workspaces. */
export async function takeTurns(db: Db, { now, until, most }: { now: Date; until: Date; most: number }): Promise<Turn[]> {
  return all(
    db,
    sql<Turn>`with free as materialized (select id from campaigns where look_at <= ${now} order by look_at limit ${most} for update skip locked)
      update campaigns set look_at = ${until} where id = any(array(select id from free)) returning id, workspace_id as "workspaceId", look_at as until`,
  )
}

/** The next look, unless somebody has wished for another one meanwhile. */
export async function endTurn(db: Db, { id, workspaceId, until }: Turn, next: Date | undefined): Promise<void> {
  await run(
    db,
    sql`update campaigns set look_at = ${next ?? null} where workspace_id = ${workspaceId} and id = ${id} and look_at = ${until}`,
  )
}

/** When the next look is due, of all workspaces. */
export async function nextLook(db: Db): Promise<Date | undefined> {
  const row = await first(db, sql<{ at: Date | null }>`select min(look_at) as at from campaigns where look_at is not null`)
  return row?.at ?? undefined
}

/** Keeps what was counted, unless somebody else has the row at this moment or has counted later. */
export async function keepCounts(
  db: Db,
  { workspaceId, id }: Pick<Campaign, 'workspaceId' | 'id'>,
  { counts, at }: { counts: StoredCounts; at: Date },
): Promise<void> {
  await run(
    db,
    sql`with free as (select id from campaigns where workspace_id = ${workspaceId} and id = ${id} and (counted_at is null or counted_at < ${at}) for update skip locked)
      update campaigns set counts = ${json(counts)}::jsonb, counted_at = ${at} where id = any(array(select id from free))`,
  )
}

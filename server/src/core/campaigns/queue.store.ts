import { all, type Db, first, run, sql } from '#kit/db'
import type { Campaign } from './campaign.ts'

const CAMPAIGN_LANE = 2

/** The queue of a campaign, made once; it stands behind the bucket of its channel. */
export async function openQueue(
  db: Db,
  { workspaceId, channelId, id }: Pick<Campaign, 'workspaceId' | 'channelId' | 'id'>,
): Promise<number> {
  const row = await first(
    db,
    sql<{
      id: number
    }>`insert into queues (workspace_id, channel_id, lane, campaign_id) values (${workspaceId}, ${channelId}, ${CAMPAIGN_LANE}, ${id})
      on conflict (channel_id, lane, campaign_id) do update set paused_at = null returning id`,
  )
  if (!row) throw new Error('the queue was not made')
  return row.id
}

/** Nothing of it starts from the commit on, until it is let go on. */
export async function pauseQueue(
  db: Db,
  { workspaceId, queueId }: Pick<Campaign, 'workspaceId' | 'queueId'>,
  isPaused: boolean,
): Promise<void> {
  await run(
    db,
    sql`update queues set paused_at = case when ${isPaused} then chasqui_now() end where workspace_id = ${workspaceId} and id = ${queueId ?? null}`,
  )
}

export async function dropQueue(db: Db, { workspaceId, queueId }: Pick<Campaign, 'workspaceId' | 'queueId'>): Promise<void> {
  await run(db, sql`delete from queues where workspace_id = ${workspaceId} and id = ${queueId ?? null}`)
}

export type QueueFacts = { queued: number; rate: number }

/** How much waits in a queue, counted no further than `most`, and how fast its channel may go (messages a second). */
export async function readQueue(
  db: Db,
  { channelId, queueId }: Pick<Campaign, 'channelId' | 'queueId'>,
  most: number,
): Promise<QueueFacts> {
  const row = await first(
    db,
    sql<QueueFacts>`select (select count(*) from (select 1 from outbox where kind = 'send' and queue_id = ${queueId ?? null} limit ${most}) q)::integer as queued, b.rate
      from buckets b where b.channel_id = ${channelId}`,
  )
  return row ?? { queued: 0, rate: 1 }
}

/** Messages in it that have not started. */
export async function findUnstarted(
  db: Db,
  { workspaceId, queueId }: Pick<Campaign, 'workspaceId' | 'queueId'>,
  most: number,
): Promise<{ workspaceId: string; id: string }[]> {
  return all(
    db,
    sql<{ workspaceId: string; id: string }>`
      select o.workspace_id as "workspaceId", o.subject as id from outbox o join messages m on m.workspace_id = o.workspace_id and m.id = o.subject
      where o.kind = 'send' and o.queue_id = ${queueId ?? null} and o.workspace_id = ${workspaceId} and m.state = 'scheduled' limit ${most}`,
  )
}

import { all, type Db, run, sql } from '#kit/db'
import type { Channel, ChannelState } from './channel.ts'

/** Stops a channel until somebody lets it go on, or lets it go on (no reason). */
export async function updateBlock(
  db: Db,
  { id, workspaceId }: Pick<Channel, 'id' | 'workspaceId'>,
  reason: string | undefined,
): Promise<void> {
  await run(
    db,
    sql`update buckets set blocked_reason = ${reason ?? null}, blocked_since = case
        when ${reason ?? null}::text is null then null when blocked_reason = 'paused' then chasqui_now() else coalesce(blocked_since, chasqui_now()) end,
      blocked_until = case when ${reason ?? null}::text is null then null else 'infinity'::timestamptz end
      where workspace_id = ${workspaceId} and channel_id = ${id}`,
  )
}

export async function updateState(
  db: Db,
  { id, workspaceId }: Pick<Channel, 'id' | 'workspaceId'>,
  state: { is: ChannelState; reason: string | undefined; reopensAt?: Date },
): Promise<void> {
  await run(
    db,
    sql`update channels set state = ${state.is}, state_reason = ${state.reason ?? null}, reopens_at = ${state.reopensAt ?? null}
      where workspace_id = ${workspaceId} and id = ${id}`,
  )
}

/** Channels whose session is due back, the longest waiting first. */
export async function selectDueBack(db: Db, most: number): Promise<Pick<Channel, 'id' | 'workspaceId'>[]> {
  return all(
    db,
    sql<{ id: string; workspaceId: string }>`select id, workspace_id as "workspaceId" from channels
      where reopens_at <= chasqui_now() and deleted_at is null order by reopens_at limit ${most}`,
  )
}

/** Marks a channel as deleted and drops its secrets. */
export async function updateDeleted(db: Db, { id, workspaceId }: Pick<Channel, 'id' | 'workspaceId'>): Promise<void> {
  await run(
    db,
    sql`update channels set state = 'closed', state_reason = 'deleted', credentials = null, reopens_at = null, deleted_at = chasqui_now() where workspace_id = ${workspaceId} and id = ${id}`,
  )
}

/** Tells all nodes, with the commit, that what they remember of a channel is old. */
export async function notifyChanged(db: Db, channelId: string): Promise<void> {
  await run(db, sql`select pg_notify('chasqui_changed', ${`channel:${channelId}`})`)
}

/** Tells the engines, with the commit, that channels can go on. */
export async function notifyDue(db: Db): Promise<void> {
  await run(db, sql`select pg_notify('chasqui_due', '*')`)
}

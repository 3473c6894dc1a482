import type { Channel } from '#core/channels'
import { all, type Db, first, sql } from '#kit/db'

export type ChannelHealth = Pick<Channel, 'name' | 'state' | 'stateReason' | 'reopensAt'> & {
  environment: 'live' | 'test'
  /** Something is due through it. */
  waiting: boolean
}

export async function countChannels(db: Db): Promise<{ open: number; own: number }> {
  const row = await first(
    db,
    sql<{
      open: number
      own: number
    }>`select count(*) filter (where state = 'open')::integer as open, count(*) filter (where kind = 'web')::integer as own
      from channels where deleted_at is null`,
  )
  return row ?? { open: 0, own: 0 }
}

/** The worst first. */
export async function selectNotOpen(db: Db, most: number): Promise<ChannelHealth[]> {
  const rows = await all(
    db,
    sql<Omit<ChannelHealth, 'stateReason' | 'reopensAt'> & { stateReason: string | null; reopensAt: Date | null }>`
      select c.name, c.state, c.state_reason as "stateReason", c.reopens_at as "reopensAt", w.environment,
        exists (select 1 from queues q where q.channel_id = c.id and q.next_due_at is not null) as waiting
      from channels c join workspaces w on w.id = c.workspace_id
      where c.deleted_at is null and c.state <> 'open' order by waiting desc, c.reopens_at is null desc, c.number limit ${most}`,
  )
  return rows.map(({ stateReason, reopensAt, ...row }) => ({
    ...row,
    stateReason: stateReason ?? undefined,
    reopensAt: reopensAt ?? undefined,
  }))
}

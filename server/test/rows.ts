import type { Context } from '#kit/context'
import { all, first, sql } from '#kit/db'

/** A cloud channel as a caller gives it. */
export const CLOUD = {
  kind: 'cloud',
  name: 'Shop',
  phone: '+14155550170',
  phoneNumberId: '106540352242922',
  wabaId: '102290129340398',
  accessToken: 'EAAG-secret-token',
  appSecret: 'app-secret-words',
  verifyToken: 'verify-words',
} as const

type Bucket = {
  rate: number
  ceiling: number
  capacity: number
  tokens: number
  daily_cap: number | null
  blocked: boolean
  blocked_reason: string | null
}

/** A channel's pace; `blocked`: for good, not for a while. */
export const bucketOf = (ctx: Context, channelId: string): Promise<Bucket | undefined> =>
  first(
    ctx.db,
    sql<Bucket>`select rate, ceiling, capacity, tokens, daily_cap, coalesce(blocked_until = 'infinity', false) as blocked, blocked_reason from buckets where channel_id = ${channelId}`,
  )

/** What happened in the workspace, in order. */
export const eventsOf = (ctx: Context): Promise<{ type: string; facts: object }[]> =>
  all(ctx.db, sql<{ type: string; facts: object }>`select type, facts from events where workspace_id = ${ctx.workspaceId} order by seq`)

export const eventTypesOf = async (ctx: Context): Promise<string[]> => (await eventsOf(ctx)).map(({ type }) => type)

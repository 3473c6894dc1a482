import type { Context, RaisedEvent } from '#kit/context'
import { newId } from '#kit/ids'
import type { ChannelSettings } from './channel.ts'
import { lockColdPaces, writeColdPace } from './cold-pace.store.ts'
import { type ColdPace, stopped } from './cold-pace.ts'
import { pacingOf } from './pacing.ts'

type Guarded = { id: string; settings: Pick<ChannelSettings, 'pacing'> }

/** For the engine, in a transaction: an own number writes to nobody new for a while; warm chats go on. Stopped already, it stays so. */
export async function guardChannel(ctx: Context, { id, settings }: Guarded, reason: string): Promise<void> {
  const [pace] = await lockColdPaces(ctx.db, [id], ctx.now())
  if (!pace) return
  const after = stopped(pace, { reason, coolDownHours: pacingOf(settings).coolDownHours }, ctx.now())
  if (after === pace) return
  await writeColdPace(ctx.db, after)
  ctx.transaction?.events.push(channelGuarded(after))
}

/** The fact that a number was stopped, and for how long. `figures`: what its guard has counted. */
export const channelGuarded = (
  { channelId, workspaceId, stopReason, stoppedUntil }: ColdPace,
  figures: Record<string, number> = {},
): RaisedEvent => ({
  id: newId(),
  workspaceId,
  type: 'channel.guarded',
  subjects: { channelId },
  facts: { reason: stopReason, until: stoppedUntil?.toISOString() ?? null, ...figures },
})

import type { RaisedEvent } from '#kit/context'
import type { Db } from '#kit/db'
import { newId } from '#kit/ids'
import type { ChannelSettings } from './channel.ts'
import { lockColdPaces, writeColdPaces } from './cold-pace.store.ts'
import { type ColdPace, stopped } from './cold-pace.ts'
import { pacingOf } from './pacing.ts'

type Guarded = { id: string; settings: Pick<ChannelSettings, 'pacing'> }

/** For the engine, in a transaction: an own number writes to nobody new for a while; warm chats go on. Answers what is to be told: nothing where it has stopped already. */
export async function guardChannel(db: Db, { id, settings }: Guarded, reason: string, now: Date): Promise<RaisedEvent[]> {
  const [pace] = await lockColdPaces(db, [id], now)
  const after = pace && stopped(pace, { reason, coolDownHours: pacingOf(settings).coolDownHours }, now)
  if (!after || after === pace) return []
  await writeColdPaces(db, [after])
  return [channelGuarded(after)]
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

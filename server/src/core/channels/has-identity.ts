import type { Db } from '#kit/db'
import { type Channel, RELOADING } from './channel.ts'
import { selectLink } from './link.store.ts'

/** A phone has linked this own number, and its session is there or on its way back: nobody is asked to link it. */
export async function hasIdentity(db: Db, channel: Channel): Promise<boolean> {
  const { state, stateReason, phone } = channel
  if (state === 'open' || state === 'degraded') return true
  const isComing = state === 'connecting' || (state === 'closed' && stateReason === RELOADING)
  return isComing && phone !== '' && !(await selectLink(db, channel))
}

import type { Context } from '#kit/context'
import { insertAccepted } from './accept.store.ts'
import { acceptedEvent } from './accepted-event.ts'
import type { Prepared } from './compose-message.ts'

/** Writes a message in the transaction of what causes it. Its id is the cause's: made once more, it changes nothing. Answers whether it is new. */
export async function makeMessage(ctx: Context, { row }: Prepared, { id, at }: { id: string; at: Date }): Promise<boolean> {
  // created when its time had come, however late that was seen: its id says the same, and lists are ordered by ids
  const message = { ...row, id, sendAt: at, createdAt: at }
  const { size } = await insertAccepted(ctx.db, [message])
  if (size === 0) return false
  ctx.transaction?.events.push(acceptedEvent(message))
  ctx.transaction?.afterCommit.push(() => ctx.ports.touches.touch(message.queueId, at))
  return true
}

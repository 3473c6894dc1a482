import type { Context } from '#kit/context'
import { markCancelled, updateWaiting } from './message.store.ts'
import type { MadeMessage, OutgoingMessage } from './message.ts'
import { tell } from './message-changes.ts'

/** Takes back messages that are locked and waiting: one, and what stands behind it. */
export async function takeBack(ctx: Context, messages: readonly OutgoingMessage[], endedAt: Date): Promise<void> {
  for (const message of messages) {
    await markCancelled(ctx.db, message, endedAt)
    ctx.transaction?.events.push(tell(message, 'message.cancelled'))
  }
}

/** Moves what stands behind a message, locked and waiting, to the same time; its place behind it stays. */
export async function moveFollowers(ctx: Context, followers: readonly MadeMessage[], sendAt: Date): Promise<void> {
  const editedAt = ctx.now()
  for (const follower of followers) {
    await updateWaiting(ctx.db, follower, { ...follower, sendAt, targetWireId: undefined }, editedAt)
    ctx.transaction?.events.push(tell(follower, 'message.edited', { sendAt: sendAt.toISOString() }))
  }
}

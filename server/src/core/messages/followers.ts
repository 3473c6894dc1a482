import type { Context } from '#kit/context'
import { lockFollowers, markCancelled, updateWaiting } from './message.store.ts'
import type { OutgoingMessage } from './message.ts'
import { tell } from './message-changes.ts'

/** Takes back what stands behind a message that is locked. */
export async function takeBackFollowers(ctx: Context, { id }: Pick<OutgoingMessage, 'id'>, endedAt: Date): Promise<void> {
  for (const follower of await lockFollowers(ctx.db, ctx.workspaceId, id)) {
    await markCancelled(ctx.db, follower, endedAt)
    ctx.transaction?.events.push(tell(follower, 'message.cancelled'))
  }
}

/** Moves what stands behind a message that is locked to the same time; its place behind it stays. */
export async function moveFollowers(ctx: Context, { id }: Pick<OutgoingMessage, 'id'>, sendAt: Date): Promise<void> {
  const editedAt = ctx.now()
  for (const follower of await lockFollowers(ctx.db, ctx.workspaceId, id)) {
    await updateWaiting(ctx.db, follower, { ...follower, sendAt, targetWireId: undefined }, editedAt)
    ctx.transaction?.events.push(tell(follower, 'message.edited', { sendAt: sendAt.toISOString() }))
  }
}

import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { type LockedChannel, lockChannel, selectChannel } from './channel.store.ts'
import type { Channel } from './channel.ts'
import { requireOwnNumber } from './channel-link.ts'
import { hasIdentity } from './has-identity.ts'
import { insertLink } from './link.store.ts'
import { PAUSED } from './pause-channel.ts'
import { notifyChanged, updateBlock, updateState } from './state.store.ts'

/** The channel, locked, if a phone may link it now. */
export async function lockLinkable(ctx: Context, channelId: string): Promise<LockedChannel> {
  const locked = await lockChannel(ctx.db, ctx.workspaceId, channelId)
  if (!locked) throw notFound('channel')
  const { channel } = locked
  requireOwnNumber(channel)
  if (await hasIdentity(ctx.db, channel))
    throw new DomainError('conflict', `This number is linked already (${channel.state}): log it out before it is linked anew`)
  return locked
}

/** Asks whoever holds the session for a new identity; `wish`: the sealed letters, and who will type them. */
export async function beginLinking(
  ctx: Context,
  { channel, blockedReason }: LockedChannel,
  wish: { phone?: string; code?: Buffer } = {},
): Promise<Channel> {
  await insertLink(ctx.db, channel, wish)
  await updateState(ctx.db, channel, { is: 'connecting', reason: undefined })
  if (blockedReason !== PAUSED) await updateBlock(ctx.db, channel, 'connecting')
  await tellLinking(ctx, channel.id)
  return (await selectChannel(ctx.db, ctx.workspaceId, channel.id)) ?? channel
}

export async function tellLinking(ctx: Context, channelId: string): Promise<void> {
  await notifyChanged(ctx.db, channelId)
  ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(channelId))
}

import { z } from 'zod'
import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { type LockedChannel, lockChannel } from './channel.store.ts'
import { type Channel, isAble } from './channel.ts'
import { notifyChanged, notifyDue, updateBlock } from './state.store.ts'

/** A person's pause: it stays when whatever else stopped the channel is gone. */
export const PAUSED = 'paused'

const ChannelRef = z.strictObject({ channelId: z.uuid() })

export const pauseChannel = operation({
  name: 'channels.pause',
  does: 'Start nothing more on this channel until it is resumed; what waits is kept, what arrives is taken.',
  needs: 'channels:write',
  mayRefuse: ['not_found'],
  input: ChannelRef,
  async run(ctx, { channelId }): Promise<Channel> {
    const { channel } = await lock(ctx, channelId)
    await updateBlock(ctx.db, channel, PAUSED)
    await tell(ctx, channelId)
    return { ...channel, paused: true }
  },
})

export const resumeChannel = operation({
  name: 'channels.resume',
  does: 'Go on after a pause.',
  needs: 'channels:write',
  mayRefuse: ['not_found'],
  input: ChannelRef,
  async run(ctx, { channelId }): Promise<Channel> {
    const { channel, blockedReason } = await lock(ctx, channelId)
    if (blockedReason !== PAUSED) return channel
    // a channel that was closed during its pause stays stopped for that reason
    await updateBlock(ctx.db, channel, isAble(channel) ? undefined : (channel.stateReason ?? channel.state))
    await notifyDue(ctx.db)
    await tell(ctx, channelId)
    return { ...channel, paused: false }
  },
})

async function lock(ctx: Context, channelId: string): Promise<LockedChannel> {
  const locked = await lockChannel(ctx.db, ctx.workspaceId, channelId)
  if (!locked) throw notFound('channel')
  return locked
}

async function tell(ctx: Context, channelId: string): Promise<void> {
  await notifyChanged(ctx.db, channelId)
  ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(channelId))
}

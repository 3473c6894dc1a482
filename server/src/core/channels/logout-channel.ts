import { z } from 'zod'
import type { Capabilities, ClosedReason } from '#core/transport'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { type LockedChannel, lockChannel, selectChannel } from './channel.store.ts'
import { type Channel, isResting, RELOADING } from './channel.ts'
import { endSession } from './move-channel.ts'
import { notifyChanged } from './state.store.ts'

const ChannelRef = z.strictObject({ channelId: z.uuid() })

const RELOAD_SECONDS = 1
const LOGGED_OUT = 'logged_out'

export const logoutChannel = operation({
  name: 'channels.logout',
  does: 'End the session of an own number; what waits for it is kept. A simulated number is back by itself a few seconds later.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported'],
  input: ChannelRef,
  async run(ctx, { channelId }): Promise<Channel> {
    const { locked, session } = await lockSession(ctx, channelId)
    const { state, stateReason } = locked.channel
    if (state === 'closed' && (stateReason === LOGGED_OUT || !isResting(locked.channel))) return locked.channel // nothing left to end
    const { returnsAfterSeconds } = session
    const reopensAt = returnsAfterSeconds === undefined ? undefined : secondsFromNow(ctx, returnsAfterSeconds)
    return end(ctx, locked, { reason: LOGGED_OUT, reopensAt })
  },
})

export const reloadChannel = operation({
  name: 'channels.reload',
  does: 'Drop the session of an own number and take it up again; it is closed for a moment, and what waits for it is kept.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported', 'channel_closed'],
  input: ChannelRef,
  async run(ctx, { channelId }): Promise<Channel> {
    const { locked } = await lockSession(ctx, channelId)
    const { state, stateReason: reason } = locked.channel
    if (state === 'closed' && !isResting(locked.channel))
      throw new DomainError('channel_closed', `A channel that is closed (${reason ?? 'closed'}) cannot be reloaded`, { facts: { reason } })
    return end(ctx, locked, { reason: RELOADING, reopensAt: secondsFromNow(ctx, RELOAD_SECONDS) })
  },
})

type Locked = { locked: LockedChannel; session: NonNullable<Capabilities['session']> }

async function lockSession(ctx: Context, channelId: string): Promise<Locked> {
  const locked = await lockChannel(ctx.db, ctx.workspaceId, channelId)
  if (!locked) throw notFound('channel')
  const session = ctx.ports.transports.get(locked.channel.kind)?.capabilities(locked.channel).session
  if (!session) throw new DomainError('unsupported', 'This channel has no session of its own to end: pause it, or change its credentials')
  return { locked, session }
}

const secondsFromNow = (ctx: Context, seconds: number) => new Date(ctx.now().getTime() + seconds * 1000)

async function end(ctx: Context, locked: LockedChannel, how: { reason: ClosedReason; reopensAt: Date | undefined }): Promise<Channel> {
  const { id } = locked.channel
  await endSession(ctx, locked, how)
  await notifyChanged(ctx.db, id)
  ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(id))
  return (await selectChannel(ctx.db, ctx.workspaceId, id)) ?? locked.channel
}

import { z } from 'zod'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { selectChannel } from './channel.store.ts'
import type { Channel } from './channel.ts'
import { lockColdPaces, writeColdPaces } from './cold-pace.store.ts'

export const resumeCold = operation({
  name: 'channels.resumeCold',
  does: 'End the pause in which an own number writes to nobody new; its guard judges afresh from here, and the next pause is longer still.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported'],
  input: z.strictObject({ channelId: z.uuid() }),
  async run(ctx, { channelId }): Promise<Channel> {
    const channel = await selectChannel(ctx.db, ctx.workspaceId, channelId)
    if (!channel) throw notFound('channel')
    if (!channel.cold) throw new DomainError('unsupported', 'No rules for cold contacts bind this channel')
    const now = ctx.now()
    const [pace] = await lockColdPaces(ctx.db, [channelId], now)
    if (!pace?.stoppedUntil || pace.stoppedUntil <= now) return channel
    await writeColdPaces(ctx.db, [{ ...pace, stoppedUntil: now, judgedFrom: now, callsAt: pace.callsAt && now }])
    return (await selectChannel(ctx.db, ctx.workspaceId, channelId)) ?? channel
  },
})

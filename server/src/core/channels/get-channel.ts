import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { selectChannel } from './channel.store.ts'
import type { Channel } from './channel.ts'

export const getChannel = operation({
  name: 'channels.get',
  does: 'One channel.',
  needs: 'channels:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ channelId: z.uuid() }),
  async run(ctx, { channelId }): Promise<Channel> {
    const channel = await selectChannel(ctx.db, ctx.workspaceId, channelId)
    if (!channel) throw notFound('channel')
    return channel
  },
})

import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { lockChannel } from './channel.store.ts'
import { notifyChanged, updateBlock, updateDeleted } from './state.store.ts'

export const deleteChannel = operation({
  name: 'channels.delete',
  does: 'Disconnect a number for good. Its conversations stay; what waits for it in a campaign or for its turn ends, all else at its lateness limit.',
  needs: 'channels:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ channelId: z.uuid() }),
  async run(ctx, { channelId }): Promise<void> {
    const locked = await lockChannel(ctx.db, ctx.workspaceId, channelId)
    if (!locked) throw notFound('channel')
    await updateBlock(ctx.db, locked.channel, 'deleted')
    await updateDeleted(ctx.db, locked.channel)
    await notifyChanged(ctx.db, channelId)
    ctx.transaction?.afterCommit.push(() => ctx.ports.channels.forget(channelId))
    if (locked.channel.state !== 'closed') raise(ctx, 'channel.closed', { channelId }, { reason: 'deleted' })
  },
})

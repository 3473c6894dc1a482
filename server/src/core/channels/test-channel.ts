import { z } from 'zod'
import type { Transport } from '#core/transport'
import { DomainError, notFound } from '#kit/errors'
import { operation, withTransaction } from '#kit/operation'
import { lockChannel, selectChannel } from './channel.store.ts'
import type { Channel } from './channel.ts'
import { reopen } from './move-channel.ts'
import { notifyChanged } from './state.store.ts'

export type ChannelTest = Awaited<ReturnType<Transport['test']>> & { channel: Channel }

/** Closed for these, a channel opens again when the network says that it works. */
const MENDED_BY_A_TEST = ['bad_credentials', 'network', 'number_gone', 'restricted', 'not_registered', 'billing']

export const testChannel = operation({
  name: 'channels.test',
  does: 'Ask the network whether this channel would work now; a good answer reopens one that was closed for bad credentials.',
  needs: 'channels:write',
  mayRefuse: ['not_found', 'unsupported'],
  transaction: 'none', // the network is asked before anything is locked
  input: z.strictObject({ channelId: z.uuid() }),
  async run(ctx, { channelId }): Promise<ChannelTest> {
    ctx.ports.channels.forget(channelId) // credentials that were changed a moment ago on another node
    const entry = await ctx.ports.channels.get(ctx.workspaceId, channelId)
    if (!entry) throw notFound('channel')
    const transport = ctx.ports.transports.get(entry.kind)
    if (!transport) throw new DomainError('unsupported', `Channels of kind ${entry.kind} are not available here`)
    const told = await transport.test(entry)
    if (told.ok && entry.channel.state === 'closed' && MENDED_BY_A_TEST.includes(entry.channel.stateReason ?? '')) {
      await withTransaction(ctx, async (inside) => {
        const locked = await lockChannel(inside.db, ctx.workspaceId, channelId)
        if (!locked || !MENDED_BY_A_TEST.includes(locked.channel.stateReason ?? '')) return
        await reopen(inside, locked)
        await notifyChanged(inside.db, channelId)
      })
      ctx.ports.channels.forget(channelId)
    }
    return { ...told, channel: (await selectChannel(ctx.db, ctx.workspaceId, channelId)) ?? entry.channel }
  },
})

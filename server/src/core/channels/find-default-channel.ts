import { z } from 'zod'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import type { Channel } from './channel.ts'

export const findDefaultChannel = operation({
  name: 'channels.find-default',
  does: 'The channel that is used when nobody names one.',
  needs: 'channels:read',
  mayRefuse: ['no_channel'],
  transaction: 'none', // the directory knows it
  input: z.strictObject({ persona: z.enum(['own_number', 'cloud']).optional() }),
  async run(ctx, { persona }): Promise<Channel> {
    const entry = await ctx.ports.channels.defaultFor(ctx.workspaceId, persona)
    if (!entry) throw new DomainError('no_channel', 'There is no channel yet')
    return entry.channel
  },
})

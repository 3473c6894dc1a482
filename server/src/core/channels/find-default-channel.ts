import { z } from 'zod'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import { type Channel, hasSession } from './channel.ts'

export const findDefaultChannel = operation({
  name: 'channels.find-default',
  does: 'The channel that is used when nobody names one.',
  needs: 'channels:read',
  mayRefuse: ['no_channel', 'channel_closed'],
  transaction: 'none', // the directory knows it
  input: z.strictObject({
    persona: z.enum(['own_number', 'cloud']).optional(),
    linked: z.boolean().default(false).describe('It must have a session'),
  }),
  async run(ctx, { persona, linked }): Promise<Channel> {
    const entry = await ctx.ports.channels.defaultFor(ctx.workspaceId, persona)
    if (!entry) throw new DomainError('no_channel', 'There is no channel yet')
    const { channel } = entry
    if (linked && !hasSession(channel))
      throw new DomainError('channel_closed', 'No phone is linked to this channel', { facts: { reason: channel.stateReason } })
    return channel
  },
})

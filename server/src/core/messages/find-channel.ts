import type { TransportChannelEntry } from '#core/channels'
import type { Context } from '#kit/context'
import { DomainError } from '#kit/errors'
import type { MessageInput } from './message-input.ts'

type Wish = Pick<MessageInput, 'channelId' | 'from' | 'persona' | 'noChannel'> & { givesWay?: boolean }

/** The channel that a caller means; `givesWay`: another one than the usual will do while that is over. Throws `not_found`, `no_channel`, or `channel_closed` to who asked for that. */
export async function findChannel(ctx: Context, { channelId, from, persona, noChannel, givesWay }: Wish): Promise<TransportChannelEntry> {
  const channel = await ctx.ports.channels.find(ctx.workspaceId, { channelId, phone: from, persona, givesWay })
  if (!channel && channelId) throw new DomainError('not_found', 'No such channel')
  if (!channel)
    throw new DomainError('no_channel', from ? 'This number is not one of your channels' : 'There is no channel to send from', {
      facts: { from },
    })
  if (noChannel === 'refuse' && channel.channel.state !== 'open')
    throw new DomainError('channel_closed', 'The channel is not connected', { facts: { reason: channel.channel.stateReason } })
  return channel
}

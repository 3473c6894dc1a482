import type { TransportChannelEntry } from '#core/channels'
import type { PlacedMessage, Transport } from '#core/transport'
import type { Context } from '#kit/context'
import { DomainError, reasonIn } from '#kit/errors'
import { wireAuthorOf } from './author-of.ts'
import type { Message } from './message.ts'

/** A message that its network has, and the way to it. */
export type Reached = { channel: TransportChannelEntry; transport: Transport; place: PlacedMessage }

/** Throws `conflict` when the network does not have it, `channel_closed` while the channel is not connected. */
export async function reachMessage(ctx: Context, message: Message): Promise<Reached> {
  const { wireId, address: to, direction } = message
  if (wireId === undefined) throw new DomainError('conflict', 'The message has not reached the network')
  const channel = await ctx.ports.channels.get(ctx.workspaceId, message.channelId)
  if (channel?.channel.state !== 'open') throw new DomainError('channel_closed', 'The channel is not connected')
  const transport = ctx.ports.transports.get(channel.kind)
  if (!transport) throw new DomainError('unsupported', `Channels of kind ${channel.kind} are not available here`)
  return { channel, transport, place: { to, wireId, fromMe: direction === 'out', author: wireAuthorOf(message) } }
}

/** Asks the network, ahead of any transaction. Throws `conflict` or `unsupported` in its words, `unavailable` for anything else. */
export async function askNetwork(ctx: Context, messageId: string, ask: () => Promise<void>): Promise<void> {
  try {
    await ask()
  } catch (error) {
    if (error instanceof DomainError && (error.code === 'conflict' || error.code === 'unsupported')) throw error
    const reason = reasonIn(error)
    ctx.log.warn({ error: reason, messageId, requestId: ctx.requestId }, 'the network did not do what was asked of a message')
    throw new DomainError('unavailable', 'The network did not take it; try again')
  }
}

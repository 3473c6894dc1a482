import type { Transport, TransportChannel } from '#core/transport'
import type { Context } from '#kit/context'
import { reasonIn } from '#kit/errors'

/** Tells the network what was done here, after the commit, where the channel is connected and its road can. A courtesy: nobody waits for it, and a failure is only logged. */
export function tellPhone(
  ctx: Context,
  channelId: string,
  tell: (transport: Transport, channel: TransportChannel) => Promise<void> | undefined,
): void {
  ctx.transaction?.afterCommit.push(() => void attempt(ctx, channelId, tell))
}

async function attempt(ctx: Context, channelId: string, tell: Parameters<typeof tellPhone>[2]): Promise<void> {
  try {
    const channel = await ctx.ports.channels.get(ctx.workspaceId, channelId)
    const transport = channel?.channel.state === 'open' ? ctx.ports.transports.get(channel.kind) : undefined
    if (channel && transport) await tell(transport, channel)
  } catch (error) {
    const reason = reasonIn(error)
    ctx.log.warn({ error: reason, channelId, requestId: ctx.requestId }, 'what was done to a conversation did not reach the network')
  }
}

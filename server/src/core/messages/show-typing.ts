import type { Context } from '#kit/context'
import { reasonIn } from '#kit/errors'
import type { NewMessage } from './new-message.ts'

/** The chat shows that somebody is typing until the message may leave. A courtesy: nobody waits for it, and a failure is only logged. */
export async function showTyping(ctx: Context, { channelId, address, notBefore }: NewMessage): Promise<void> {
  try {
    const channel = await ctx.ports.channels.get(ctx.workspaceId, channelId)
    const forMs = (notBefore?.getTime() ?? 0) - ctx.now().getTime()
    if (channel?.channel.state === 'open' && forMs > 0) await ctx.ports.transports.get(channel.kind)?.showTyping?.(channel, address, forMs)
  } catch (error) {
    ctx.log.warn({ error: reasonIn(error), channelId, requestId: ctx.requestId }, 'typing could not be shown')
  }
}

import { z } from 'zod'
import type { ReadMessages } from '#core/transport'
import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findLastInbound, updateRead } from './conversation.store.ts'
import type { Conversation } from './conversation.ts'

/** A phone shows each message as read by itself; of more than these nobody looks. */
const TOLD_MOST = 100

export const markConversationRead = operation({
  name: 'conversations.read',
  does: 'Mark a conversation as read, here and on the person\u2019s phone where the channel can tell him.',
  needs: 'conversations:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ conversationId: z.uuid() }),
  async run(ctx, { conversationId }): Promise<Conversation> {
    const read = await updateRead(ctx.db, ctx.workspaceId, conversationId)
    if (!read) throw notFound('conversation')
    const { conversation, unreadBefore } = read
    const place = { workspaceId: ctx.workspaceId, conversationId }
    const messages = unreadBefore > 0 ? await findLastInbound(ctx.db, place, Math.min(unreadBefore, TOLD_MOST)) : []
    if (messages.length > 0)
      ctx.transaction?.afterCommit.push(() => void tellPhone(ctx, conversation.channelId, { chat: conversation.address, messages }))
    return conversation
  },
})

/** A courtesy: nobody waits for it, and a failure is only logged. */
async function tellPhone(ctx: Context, channelId: string, read: ReadMessages): Promise<void> {
  try {
    const channel = await ctx.ports.channels.get(ctx.workspaceId, channelId)
    if (channel?.channel.state === 'open') await ctx.ports.transports.get(channel.kind)?.markRead?.(channel, read)
  } catch (error) {
    ctx.log.warn(
      { error: error instanceof Error ? error.message : 'failed', channelId, requestId: ctx.requestId },
      'a read mark did not reach the network',
    )
  }
}

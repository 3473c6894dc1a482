import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findLastInbound, updateRead } from './conversation.store.ts'
import type { Conversation } from './conversation.ts'
import { tellPhone } from './tell-phone.ts'

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
      tellPhone(ctx, conversation.channelId, (transport, channel) =>
        transport.markRead?.(channel, { chat: conversation.address, messages }),
      )
    return conversation
  },
})

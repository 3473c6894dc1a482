import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { findLastMessage, updateMarks } from './conversation.store.ts'
import { type Conversation, conversationKind } from './conversation.ts'
import { tellPhone } from './tell-phone.ts'

export const updateConversation = operation({
  name: 'conversations.update',
  does: 'Archive a conversation, pin it to the top of the list, mark it as unread, or take that back. The phone of an own number follows.',
  needs: 'conversations:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({
    conversationId: z.uuid(),
    archived: z.boolean().optional(),
    pinned: z.boolean().optional(),
    markedUnread: z.boolean().optional(),
  }),
  async run(ctx, { conversationId, ...marks }): Promise<Conversation> {
    const conversation = await updateMarks(ctx.db, ctx.workspaceId, conversationId, marks)
    if (!conversation) throw notFound('conversation')
    raise(ctx, 'conversation.updated', { conversationId, channelId: conversation.channelId }, marks)
    if (conversationKind(conversation) !== 'newsletter') {
      const last = await findLastMessage(ctx.db, { workspaceId: ctx.workspaceId, conversationId })
      tellPhone(ctx, conversation.channelId, (transport, channel) =>
        transport.markChat?.(channel, { chat: conversation.address, marks, last }),
      )
    }
    return conversation
  },
})

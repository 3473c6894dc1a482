import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findConversations } from './conversation.store.ts'
import type { Conversation } from './conversation.ts'

export const getConversation = operation({
  name: 'conversations.get',
  does: 'One conversation.',
  needs: 'conversations:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ conversationId: z.uuid() }),
  async run(ctx, { conversationId }): Promise<Conversation> {
    const [conversation] = await findConversations(ctx.db, ctx.workspaceId, [conversationId])
    if (!conversation) throw notFound('conversation')
    return conversation
  },
})

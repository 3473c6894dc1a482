import { z } from 'zod'
import { phoneTwin } from '#core/addresses'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findAtAddresses } from './conversation.store.ts'
import type { Conversation } from './conversation.ts'

export const findConversation = operation({
  name: 'conversations.find',
  does: 'The conversation at an address; of several channels that know it, the one with the latest message.',
  needs: 'conversations:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ address: z.string().min(1).max(256) }),
  async run(ctx, { address }): Promise<Conversation> {
    const conversation = await findAtAddresses(ctx.db, ctx.workspaceId, [address, phoneTwin(address) ?? []].flat())
    if (!conversation) throw notFound('chat')
    return conversation
  },
})

import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findMessage, findMessagesByWireIds } from './message.store.ts'
import type { Message } from './message.ts'

export const getMessage = operation({
  name: 'messages.get',
  does: 'Show one message, either direction.',
  needs: 'messages:read',
  input: z.strictObject({ messageId: z.uuid() }),
  async run(ctx, { messageId }): Promise<Message> {
    const message = await findMessage(ctx.db, ctx.workspaceId, messageId)
    if (!message) throw notFound('message')
    return message
  },
})

export const findByWireIds = operation({
  name: 'messages.find-by-wire-ids',
  does: 'Show the messages that the networks know by these ids, in no order; what is none of ours is left out.',
  needs: 'messages:read',
  input: z.strictObject({ wireIds: z.array(z.string().min(1).max(512)).max(200) }),
  run: async (ctx, { wireIds }): Promise<Message[]> =>
    wireIds.length === 0 ? [] : findMessagesByWireIds(ctx.db, ctx.workspaceId, [...new Set(wireIds)]),
})

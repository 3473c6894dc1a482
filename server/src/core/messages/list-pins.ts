import { z } from 'zod'
import { operation } from '#kit/operation'
import { findMessages } from './message.store.ts'
import { selectPins } from './pin.store.ts'
import type { Pin } from './pin-message.ts'

export const listPins = operation({
  name: 'messages.list-pins',
  does: 'The messages at the top of a conversation, the latest pin first.',
  needs: 'messages:read',
  input: z.strictObject({ conversationId: z.uuid() }),
  async run(ctx, { conversationId }): Promise<Pin[]> {
    const pins = await selectPins(ctx.db, ctx.workspaceId, conversationId)
    const ids = pins.map(({ messageId }) => messageId)
    const messages = new Map((await findMessages(ctx.db, ctx.workspaceId, ids)).map((message) => [message.id, message]))
    return pins.flatMap(({ messageId, pinnedAt, until }) => {
      const message = messages.get(messageId)
      return message ? [{ message, pinnedAt, until }] : []
    })
  },
})

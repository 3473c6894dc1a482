import { z } from 'zod'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { takeBack } from './followers.ts'
import { lockFollowers, lockMessage } from './message.store.ts'
import type { OutgoingMessage } from './message.ts'
import { isWaiting } from './message-state.ts'

export const cancelMessage = operation({
  name: 'messages.cancel',
  does: 'Take back a message that has not started to leave. Once this answers, it will not be sent.',
  needs: 'messages:write',
  input: z.strictObject({ messageId: z.uuid() }),
  async run(ctx, { messageId }): Promise<OutgoingMessage> {
    const message = await lockMessage(ctx.db, ctx.workspaceId, messageId)
    if (message?.direction !== 'out') throw notFound('message')
    if (message.state === 'cancelled') return message
    if (!isWaiting(message.state))
      throw new DomainError('conflict', `A ${message.state} message cannot be cancelled`, { facts: { state: message.state } })
    const endedAt = ctx.now()
    await takeBack(ctx, [message, ...(await lockFollowers(ctx.db, ctx.workspaceId, messageId))], endedAt)
    return { ...message, state: 'cancelled', endedAt }
  },
})

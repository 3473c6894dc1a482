import { z } from 'zod'
import { DomainError, notFound } from '#kit/errors'
import { operation, raise } from '#kit/operation'
import { subjectsOf } from './accept-messages.ts'
import type { OutgoingMessage } from './message.ts'
import { lockMessage, markCancelled } from './message.store.ts'
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
    if (!isWaiting(message.state)) throw new DomainError('conflict', `A ${message.state} message cannot be cancelled`, { facts: { state: message.state } })
    const endedAt = ctx.now()
    await markCancelled(ctx.db, message, endedAt)
    raise(ctx, 'message.cancelled', subjectsOf(message))
    return { ...message, state: 'cancelled', endedAt }
  },
})

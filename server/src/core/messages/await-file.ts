import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findMessage } from './message.store.ts'
import type { Message } from './message.ts'

export const awaitFile = operation({
  name: 'messages.await-file',
  does: 'Show a message, and wait a while before if the file that a person sent with it is still on its way to us.',
  needs: 'messages:read',
  mayRefuse: ['not_found'],
  transaction: 'none', // nothing is held while it waits
  input: z.strictObject({ messageId: z.uuid(), atMostMs: z.int().min(0).max(20_000) }),
  async run(ctx, { messageId, atMostMs }): Promise<Message> {
    const waiting = ctx.ports.waiters.wait(messageId, atMostMs) // before the look: what ends in between is heard
    const message = await findMessage(ctx.db, ctx.workspaceId, messageId)
    if (message && atMostMs > 0 && isOnItsWay(message)) {
      await waiting.done
      return (await findMessage(ctx.db, ctx.workspaceId, messageId)) ?? message
    }
    waiting.cancel()
    if (!message) throw notFound('message')
    return message
  },
})

const isOnItsWay = ({ content }: Message): boolean =>
  'remoteMedia' in content && content.mediaId === undefined && content.mediaMissing === undefined

import { z } from 'zod'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { operation, raise, withTransaction } from '#kit/operation'
import { findMessage } from './message.store.ts'
import type { Message } from './message.ts'
import { deletePins, upsertPins } from './pin.store.ts'
import { askNetwork, reachMessage } from './reach-message.ts'
import { subjectsOf } from './subjects-of.ts'

/** As long as WhatsApp proposes. */
export const PIN_SECONDS = 604_800
const PIN_SECONDS_MOST = 31_536_000

export type Pin = { message: Message; pinnedAt: Date; until: Date }

export const pinMessage = operation({
  name: 'messages.pin',
  does: 'Pin a message to the top of its chat, for everybody in it, for 7 days unless told otherwise. A chat has three pins; a fourth takes the place of the oldest.',
  needs: 'conversations:write',
  mayRefuse: ['not_found', 'conflict', 'unsupported', 'channel_closed', 'unavailable'],
  transaction: 'none', // the network is asked first, and may take its time
  input: z.strictObject({ messageId: z.uuid(), seconds: z.int().min(1).max(PIN_SECONDS_MOST).default(PIN_SECONDS) }),
  async run(ctx, { messageId, seconds }): Promise<Pin> {
    const message = await tellNetwork(ctx, messageId, seconds)
    const pinnedAt = ctx.now()
    const until = new Date(pinnedAt.getTime() + seconds * 1000)
    await withTransaction(ctx, async (inside) => {
      await upsertPins(inside.db, ctx.workspaceId, [{ conversationId: message.conversationId, messageId, pinnedAt, until }])
      raise(inside, 'message.pinned', subjectsOf(message), { until: until.toISOString() })
    })
    return { message, pinnedAt, until }
  },
})

export const unpinMessage = operation({
  name: 'messages.unpin',
  does: 'Take a message from the top of its chat.',
  needs: 'conversations:write',
  mayRefuse: ['not_found', 'conflict', 'unsupported', 'channel_closed', 'unavailable'],
  transaction: 'none', // the network is asked first, and may take its time
  input: z.strictObject({ messageId: z.uuid() }),
  async run(ctx, { messageId }): Promise<Message> {
    const message = await tellNetwork(ctx, messageId, undefined)
    await withTransaction(ctx, async (inside) => {
      await deletePins(inside.db, ctx.workspaceId, [messageId])
      raise(inside, 'message.unpinned', subjectsOf(message))
    })
    return message
  },
})

async function tellNetwork(ctx: Context, messageId: string, seconds: number | undefined): Promise<Message> {
  const message = await findMessage(ctx.db, ctx.workspaceId, messageId)
  if (!message) throw notFound('message')
  const { channel, transport, place } = await reachMessage(ctx, message)
  if (!transport.pin || !transport.capabilities(channel).pins) throw new DomainError('unsupported', 'This channel cannot pin messages')
  await askNetwork(ctx, messageId, async () => transport.pin?.(channel, { ...place, seconds }))
  return message
}

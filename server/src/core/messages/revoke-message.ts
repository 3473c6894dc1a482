import { z } from 'zod'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation } from '#kit/operation'
import { isAdminThere } from './deed-rights.store.ts'
import { findMessage } from './message.store.ts'
import { deletedAtOf, type Message } from './message.ts'
import { isWaiting } from './message-state.ts'
import { askNetwork, reachMessage } from './reach-message.ts'
import { requireChangeable } from './require-changeable.ts'
import { wireIdOf } from './wire-id-of.ts'
import { writeDeed } from './write-deed.ts'

const HOURS = 60

export const revokeMessage = operation({
  name: 'messages.revoke',
  does: 'Take back, for everybody in the chat, a message that was sent: for 60 hours, on channels that can. An admin of a group may take back what others wrote there. What it said is kept here.',
  needs: 'messages:write',
  mayRefuse: ['not_found', 'conflict', 'unsupported', 'channel_closed', 'unavailable'],
  transaction: 'none', // the network is asked first, and may take its time
  input: z.strictObject({ messageId: z.uuid() }),
  async run(ctx, { messageId }): Promise<Message> {
    const message = await findMessage(ctx.db, ctx.workspaceId, messageId)
    if (!message) throw notFound('message')
    if (deletedAtOf(message)) return message
    if (isWaiting(message.state)) throw new DomainError('conflict', 'The message has not left: cancel it instead')
    requireChangeable(ctx, message, { done: 'taken back', seconds: HOURS * 3600, within: `${HOURS} hours` })
    await requireRight(ctx, message)
    const { channel, transport, place } = await reachMessage(ctx, message)
    if (!transport.revoke || !transport.capabilities(channel).revokes)
      throw new DomainError('unsupported', 'This channel cannot take back what was sent')
    const id = newId()
    await askNetwork(ctx, messageId, async () => transport.revoke?.(channel, { ...place, deedWireId: wireIdOf(id) }))
    const at = await writeDeed(ctx, message, { id, content: { type: 'revoke', wireId: place.wireId }, event: 'message.deleted' })
    return { ...message, facts: { ...message.facts, deletedAt: at.toISOString() } }
  },
})

async function requireRight(ctx: Context, message: Message): Promise<void> {
  if (message.direction === 'out' || (await isAdminThere(ctx.db, message))) return
  throw new DomainError('conflict', 'Only who wrote it, or an admin of its group, can take it back')
}

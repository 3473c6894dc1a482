import type { FastifyRequest } from 'fastify'
import { type Message, sendMessage } from '#core/messages'
import type { Door } from '#kit/door'
import { one } from './answers.wire.ts'
import { DOOR } from './door.ts'
import { fingerprintOf, idempotencyOf } from './idempotency.ts'
import { writeChats } from './scopes.ts'

/** Sends a reaction to a message, or takes it back. */
export async function react(door: Door, request: FastifyRequest, { id, channelId, address }: Message, emoji: string) {
  await sendMessage(writeChats(request.ctx), {
    door: DOOR,
    origin: 'direct',
    channelId,
    to: address,
    content: { type: 'reaction', messageId: id, emoji },
    idempotency: idempotencyOf(door, request, fingerprintOf(['reaction', id, emoji])),
  })
  return one({ ok: true })
}

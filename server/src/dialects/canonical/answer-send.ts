import type { FastifyReply, FastifyRequest } from 'fastify'
import { findReplay, sendMessage } from '#core/messages'
import { sha256 } from '#kit/crypto'
import type { Door } from '#kit/door'
import { contentOf, type Said, showMessage } from './messages.wire.ts'
import { bringsFile, storeSources } from './store-sources.ts'

type Sending = {
  request: FastifyRequest
  reply: FastifyReply
  said: Said
  input: Omit<Parameters<typeof sendMessage>[1], 'content' | 'idempotency' | 'request'>
}

/** Sends what a request says, its files stored first, and answers with the message; a repeat is answered before its files are fetched again. */
export async function answerSend(door: Door, { request, reply, said, input }: Sending): Promise<FastifyReply> {
  const { ctx } = request
  const idempotency = door.idempotency(request)
  const wire = contentOf(said)
  const known = idempotency && bringsFile(wire) ? await findReplay(ctx, idempotency) : undefined
  const { message, replayed } = known
    ? { message: known, replayed: true }
    : await sendMessage(ctx, {
        ...input,
        content: await storeSources(ctx, wire),
        idempotency,
        request: input.awaitMs ? digestOf(request) : undefined,
      })
  if (replayed) reply.header('Idempotent-Replayed', 'true')
  return reply.code(201).send(showMessage(message, ctx.now()))
}

const digestOf = ({ routeOptions, params, body }: FastifyRequest) =>
  sha256(JSON.stringify([routeOptions.url, params, body])).toString('hex')

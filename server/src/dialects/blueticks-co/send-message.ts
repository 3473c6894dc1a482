import type { FastifyReply, FastifyRequest } from 'fastify'
import { findReplay, type MessageInput, type OutgoingMessage, sendMessage } from '#core/messages'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { invalidField } from '#kit/errors'
import { DOOR, HORIZON } from './door.ts'
import { flatten, type MediaSource, toDraft } from './draft.wire.ts'
import { replyTarget } from './find-by-key.ts'
import { fingerprintOf, idempotencyOf } from './idempotency.ts'
import { addressOf } from './key.wire.ts'
import { loadAround } from './load-around.ts'
import { orDrop, prepareContent } from './prepare-content.ts'
import { addressOfUs } from './routes.ts'
import { lend } from './scopes.ts'
import type { SaidBody } from './send-body.wire.ts'
import { storedAnswer } from './stored-message.wire.ts'
import { sendWords, splitWords } from './words-after-file.ts'

/** How long a direct send waits for its outcome. */
const AWAIT_MS = 8_000
const AWAIT_MOST_MS = 20_000 // clients give up after 30 s, and ask again
const awaitMsOf = (typingSeconds = 0) => Math.min(AWAIT_MOST_MS, AWAIT_MS + typingSeconds * 1000)

type Body = SaidBody & {
  to?: string | undefined
  from?: string | undefined
  sendAt?: Date | undefined
  replyTo?: string | undefined
  secret?: string | undefined
}

type Wish = {
  to: string | undefined
  body: Body & { withTyping?: boolean | undefined; typingSeconds?: number | undefined }
  noChannel?: MessageInput['noChannel']
  direct?: boolean
}

/** Accepts a message of this door's body and answers with it: 201, or 200 for a repeat under its Idempotency-Key. */
export async function answerSend(door: Door, request: FastifyRequest, reply: FastifyReply, wish: Wish): Promise<FastifyReply> {
  const ctx = lend(request.ctx, 'messages:write', ['messages:read', 'media:write'])
  const { message, replayed } = await send(door, request, ctx, wish)
  const around = await loadAround(ctx.db, ctx.workspaceId, [message], addressOfUs(door, request))
  if (replayed) reply.header('Idempotent-Replayed', 'true')
  return reply.code(replayed ? 200 : 201).send(storedAnswer(message, around, ctx.now()))
}

async function send(
  door: Door,
  request: FastifyRequest,
  ctx: Context,
  wish: Wish,
): Promise<{ message: OutgoingMessage; replayed: boolean }> {
  const { body, direct = false } = wish
  const to = recipientOf(wish)
  const upload = request.mediaFile
  const said = toDraft(flatten(body), upload)
  const { from, sendAt, secret: tag } = body
  const typingSeconds = body.withTyping === false ? undefined : body.typingSeconds || undefined
  const fingerprint = fingerprintOf([
    direct,
    to,
    withoutBytes(said, upload),
    { from, sendAt, tag, replyTo: body.replyTo || undefined, typingSeconds },
  ])
  const idempotency = idempotencyOf(door, request, fingerprint)
  // a file may be gone by the time its request is repeated
  const before = idempotency && said.type === 'media' ? await findReplay(ctx, idempotency) : undefined
  const { draft, words } = await splitWords(ctx, said)
  const common = { persona: 'own_number', door: DOOR, horizon: HORIZON, noChannel: wish.noChannel, from, sendAt, tag, to } as const
  const behind = { ...common, origin: direct ? 'direct' : 'api' } as const
  if (before) {
    if (words !== undefined) await sendWords(ctx, before, words, behind)
    return { message: before, replayed: true }
  }
  const replyTo = await replyTarget(ctx, body.replyTo)
  const content = await prepareContent(ctx, draft)
  const input = { ...common, content, replyTo, idempotency }
  const sent = await orDrop(ctx, 'mediaId' in content ? content.mediaId : undefined, () =>
    direct
      ? sendMessage(ctx, {
          ...input,
          origin: 'direct',
          typingSeconds,
          awaitMs: awaitMsOf(typingSeconds),
          request: fingerprint.toString('hex'),
        })
      : sendMessage(ctx, input),
  )
  if (words !== undefined) await sendWords(ctx, sent.message, words, behind)
  return sent
}

/** The path names the recipient, else the body; both must mean the same. */
function recipientOf({ to, body }: Wish): string {
  const named = to ?? body.to
  if (named === undefined) throw invalidField('to', 'is required', 'invalid_type')
  const address = addressOf(named)
  if (body.to !== undefined && addressOf(body.to) !== address) throw invalidField('to', 'is not the recipient in the path')
  return address
}

/** The draft with a file of the request by its hash. */
const withoutBytes = (draft: object, upload: MediaSource | undefined): unknown =>
  upload && 'bytes' in upload
    ? { ...draft, source: { sha256: fingerprintOf(upload.bytes.toString('base64')).toString('hex'), filename: upload.filename } }
    : draft

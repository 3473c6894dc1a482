import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { findReplay, type OutgoingMessage, sendMessage } from '#core/messages'
import type { Context } from '#kit/context'
import { sameSecret } from '#kit/crypto'
import type { Door } from '#kit/door'
import { DomainError } from '#kit/errors'
import { One } from './answers.wire.ts'
import { bearer } from './bearer.ts'
import { DOOR } from './door.ts'
import { dueAt } from './due-date.wire.ts'
import { fingerprintOf, idempotencyOf } from './idempotency.ts'
import { loadAround } from './load-around.ts'
import { keepSource, kindOfFile, mediaContent, orDrop, textContent } from './prepare-content.ts'
import { type App, about, addressOfUs, answers } from './routes.ts'
import { lend } from './scopes.ts'
import { storedAnswer } from './stored-message.wire.ts'
import { fitsCaption, footerRoom, sendWords } from './words-after-file.ts'

/** The first API took what it knew and ignored the rest. */
const LegacyBody = z
  .object({
    apiKey: z.string().max(512).optional().describe('The key, when no Authorization header carries it'),
    to: z.string().min(1).max(64).describe('A phone number with its country code'),
    message: z.string().min(1).max(4096),
    fileUrl: z.string().min(1).max(2048).optional(),
    mimeType: z.string().min(1).max(255).optional(),
    dueDate: z.string().min(1).max(64).optional().describe('An ISO date'),
    callbackUrl: z.string().min(1).max(2048).optional().describe('Told what becomes of the message'),
  })
  .meta({ examples: [{ apiKey: '6U8gFviZD3zRg8soAYTThyi9ZYs7A0y4', to: '+1234567890', message: 'Hello from Blueticks API!' }] })
type LegacyBody = z.output<typeof LegacyBody>

/** POST /messages, the API before /v1. */
export function legacyRoutes(app: App, door: Door): void {
  app.post(
    '/',
    {
      preValidation: (request) => admit(door, request),
      schema: {
        ...about('Legacy', ['Send a message', 'As the first API took it, the key in the body.'], 'messages:write'),
        body: LegacyBody,
        response: answers(200, One),
      },
    },
    (request, reply) => answerLegacy(door, request, request.body, reply),
  )
}

async function admit(door: Door, request: FastifyRequest): Promise<void> {
  const header = bearer(request.headers.authorization)
  const said = (request.body as { apiKey?: unknown } | null | undefined)?.apiKey // not validated yet: a request without a key learns that first
  const body = typeof said === 'string' && said !== '' ? said : undefined
  if (header !== undefined && body !== undefined && !sameSecret(header, body))
    throw new DomainError('unauthenticated', 'The Authorization header and apiKey are different keys')
  await door.admit(request, header ?? body)
}

async function answerLegacy(door: Door, request: FastifyRequest, body: LegacyBody, reply: FastifyReply): Promise<FastifyReply> {
  const ctx = lend(request.ctx, 'messages:write', ['messages:read', 'media:write'])
  const { apiKey: _, ...asked } = body
  const message = await send(ctx, body, idempotencyOf(door, request, fingerprintOf(['legacy', asked])))
  const around = await loadAround(ctx.db, ctx.workspaceId, [message], addressOfUs(door, request))
  return reply.code(200).send(storedAnswer(message, around, ctx.now()))
}

type Idempotency = ReturnType<typeof idempotencyOf>
type Common = { persona: 'own_number'; door: string; to: string; sendAt: Date | undefined; callbackUrl: string | undefined }

async function send(ctx: Context, body: LegacyBody, idempotency: Idempotency): Promise<OutgoingMessage> {
  const { timeZone } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const sendAt = body.dueDate === undefined ? undefined : dueAt(body.dueDate, { timeZone, now: ctx.now() })
  const common: Common = { persona: 'own_number', door: DOOR, to: body.to, sendAt, callbackUrl: body.callbackUrl }
  if (body.fileUrl === undefined) return (await sendMessage(ctx, { ...common, content: textContent(body.message), idempotency })).message
  const fits = fitsCaption(body.message, await footerRoom(ctx), 'message')
  const file =
    (idempotency && (await findReplay(ctx, idempotency))) ??
    (await sendFile(ctx, { ...body, url: body.fileUrl, fits }, common, idempotency))
  if (captionOf(file) === undefined) await sendWords(ctx, file, body.message, common)
  return file
}

type LegacyFile = { url: string; mimeType?: string | undefined; message: string; fits: boolean }

/** The file with the words as its caption, where WhatsApp takes them. */
async function sendFile(
  ctx: Context,
  { url, mimeType, message, fits }: LegacyFile,
  common: Common,
  idempotency: Idempotency,
): Promise<OutgoingMessage> {
  const file = await keepSource(ctx, { url }, { mimeType })
  return orDrop(ctx, file.id, async () => {
    const kind = kindOfFile(file.mimeType)
    const caption = fits && kind !== 'audio' ? message : undefined
    const content = mediaContent(file, { kind, caption, filename: undefined })
    return (await sendMessage(ctx, { ...common, content, idempotency })).message
  })
}

const captionOf = ({ content }: OutgoingMessage): string | undefined => ('caption' in content ? content.caption : undefined)

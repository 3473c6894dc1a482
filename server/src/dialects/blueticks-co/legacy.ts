import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { findReplay, type OutgoingMessage, sendMessage, sendMessages } from '#core/messages'
import type { Context } from '#kit/context'
import { sameSecret } from '#kit/crypto'
import type { Door } from '#kit/door'
import { DomainError } from '#kit/errors'
import { One } from './answers.wire.ts'
import { bearer } from './bearer.ts'
import { dueAt } from './due-date.wire.ts'
import { fingerprintOf, idempotencyOf } from './idempotency.ts'
import { loadAround } from './load-around.ts'
import { keepSource, kindOfFile, mediaContent, textContent } from './prepare-content.ts'
import { type App, about, addressOfUs, answers } from './routes.ts'
import { lend } from './scopes.ts'
import { DOOR, HORIZON } from './send-message.ts'
import { storedAnswer } from './stored-message.wire.ts'

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
        ...about('Legacy', 'Send as the first API did, the key in the body.', 'messages:write'),
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

async function send(ctx: Context, body: LegacyBody, idempotency: Idempotency): Promise<OutgoingMessage> {
  const before = idempotency && body.fileUrl !== undefined ? await findReplay(ctx, idempotency) : undefined
  if (before) return before
  const { plan, timeZone } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const sendAt = body.dueDate === undefined ? undefined : dueAt(body.dueDate, { timeZone, now: ctx.now() })
  const [first, ...more] = await contentsOf(ctx, body, plan.footer)
  const common = { persona: 'own_number', door: DOOR, to: body.to, sendAt, callbackUrl: body.callbackUrl } as const
  // the horizon is judged by then and now: a time that has come close in between is not refused
  if (more.length === 0)
    return (await sendMessage(ctx, { ...common, content: first, idempotency, horizon: { ...HORIZON, minSeconds: 0 } })).message
  const { results } = await sendMessages(ctx, { messages: [first, ...more].map((content) => ({ ...common, content })), idempotency })
  const refused = results.find((result) => 'error' in result)
  if (refused && 'error' in refused) throw refused.error
  const [sent] = results
  if (!sent || 'error' in sent) throw new DomainError('internal', 'The message was not written')
  return sent.message
}

const CAPTION_MOST = 1024

type NewContent = ReturnType<typeof textContent>

/** A file with its words as the caption; words that WhatsApp does not take there follow as a text. */
async function contentsOf(
  ctx: Context,
  { message, fileUrl, mimeType }: LegacyBody,
  footer: string | undefined,
): Promise<[NewContent, ...NewContent[]]> {
  if (fileUrl === undefined) return [textContent(message)]
  const file = await keepSource(ctx, { url: fileUrl }, { mimeType })
  const kind = kindOfFile(file.mimeType)
  const fits = kind !== 'audio' && message.length + (footer ? footer.length + 2 : 0) <= CAPTION_MOST
  const media = mediaContent(file, { kind, caption: fits ? message : undefined, filename: undefined })
  return fits ? [media] : [media, textContent(message)]
}

import multipart from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { fetchMedia, getMedia, type Media, openMedia, storeBase64, storeMedia } from '#core/media'
import { brokenForm } from '#kit/broken-form'
import type { Context } from '#kit/context'
import { sha256 } from '#kit/crypto'
import type { Door } from '#kit/door'
import { invalidField, notFound } from '#kit/errors'
import { parse } from '#kit/operation'
import { Path } from './ids.wire.ts'
import { MaybeNewMedia, NewMedia, ShownMedia, showMedia } from './media.wire.ts'
import { LARGE_BODY } from './messages.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Media'
const FILE_MOST = 100 * 1024 * 1024

export async function mediaRoutes(app: App, door: Door): Promise<void> {
  await app.register(multipart, { limits: { files: 1, fileSize: FILE_MOST, fields: 8, parts: 9, headerPairs: 32, fieldSize: 4_096 } })
  app.post(
    '/media',
    {
      bodyLimit: LARGE_BODY,
      schema: { ...about(TAG, storeMedia, 'Store a file'), body: MaybeNewMedia, response: answers(201, ShownMedia) },
    },
    async (request, reply) => {
      const store = request.isMultipart() ? await takeUpload(request) : takeBody(parse(NewMedia, request.body))
      return door.once(request, reply, { before: store })
    },
  )
  app.get(
    '/media/:id',
    { schema: { ...about(TAG, getMedia, 'Get a file'), params: Path('med'), response: answers(200, ShownMedia) } },
    async ({ ctx, params }) => showMedia(await getMedia(ctx, { mediaId: params.id })),
  )
  app.get(
    '/media/:id/content',
    {
      schema: {
        ...about(TAG, getMedia, 'Download a file', 'media.download'),
        description: 'The file itself.\n\nScope: `media:read`',
        params: Path('med'),
      },
    },
    async ({ ctx, params }, reply) => {
      const { id } = await getMedia(ctx, { mediaId: params.id })
      return sendFile(ctx, id, reply)
    },
  )
}

/** Files are stored ahead of the transaction; within it stands only what an Idempotency-Key remembers. */
const stored = (media: Media) => async () => ({ status: 201, body: showMedia(media) })

const takeBody = (body: z.output<typeof NewMedia>) => async (ctx: Context) =>
  stored('url' in body ? await fetchMedia(ctx, body) : await storeBase64(ctx, body))

async function takeUpload(request: FastifyRequest) {
  const part = await request.file().catch(brokenForm)
  if (!part) throw invalidField('file', 'a file part is needed')
  const bytes = await part.toBuffer().catch(brokenForm)
  const { filename } = part
  request.body = { sha256: sha256(bytes).toString('hex'), filename } // what an Idempotency-Key stands for
  return async (ctx: Context) => stored(await storeMedia(ctx, { bytes, filename, mimeType: part.mimetype, source: 'upload' }))
}

async function sendFile(ctx: Context, mediaId: string, reply: FastifyReply): Promise<FastifyReply> {
  const file = await openMedia(ctx.db, ctx.ports.files, ctx.workspaceId, mediaId)
  if (!file) throw notFound('file')
  const name = encodeURIComponent(file.media.filename ?? mediaId)
  return reply
    .headers({
      'Content-Type': file.media.mimeType,
      'Content-Length': file.media.size,
      'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cache-Control': 'private, max-age=3600',
    })
    .send(await file.stream())
}

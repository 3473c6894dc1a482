import { openMedia } from '#core/media'
import { awaitFile, type Message } from '#core/messages'
import type { Context } from '#kit/context'
import { mediaIdIn } from './around.ts'
import { fileUrl } from './message-parts.wire.ts'

const NOTHING = { url: null, mimetype: null, filename: null, dataBase64: null, originalQuality: null }
/** A larger file is told by its address alone: no client holds so much text. */
const INLINE_MOST = 16 * 1024 * 1024

/** The file of a message; why there is none is an answer and no error. A file on its way to us is waited for, at most `atMostMs`. */
export async function readMedia(ctx: Context, messageId: string, { publicUrl, atMostMs }: { publicUrl: string; atMostMs: number }) {
  const message = await awaitFile(ctx, { messageId, atMostMs })
  const mediaId = mediaIdIn(message)
  if (mediaId === undefined) return { ...NOTHING, mediaUnavailable: whyNot(message) }
  const opened = await openMedia(ctx.db, ctx.ports.files, ctx.workspaceId, mediaId)
  if (!opened) return { ...NOTHING, mediaUnavailable: 'expired' }
  const { media } = opened
  const bytes = media.size <= INLINE_MOST ? await opened.read().catch((error: unknown) => unreadable(ctx, error)) : undefined
  if (bytes === null) return { ...NOTHING, mediaUnavailable: 'error' }
  return {
    url: fileUrl(message, { publicUrl }),
    mimetype: media.mimeType,
    filename: media.filename ?? null,
    dataBase64: bytes?.toString('base64') ?? null,
    originalQuality: true,
    mediaUnavailable: null,
  }
}

/** A file that is in the books and not in its place is the operator's trouble. */
function unreadable(ctx: Context, error: unknown): null {
  ctx.log.error({ error, requestId: ctx.requestId }, 'a stored file could not be read')
  return null
}

/** Nobody is ever asked to send a file again, so that one of this product's words never comes. */
function whyNot({ content }: Message): 'no_media' | 'fetching' | 'expired' | 'error' {
  if (!('remoteMedia' in content)) return 'no_media'
  if (content.mediaMissing === undefined) return 'fetching'
  return content.mediaMissing === 'not_found' ? 'expired' : 'error'
}

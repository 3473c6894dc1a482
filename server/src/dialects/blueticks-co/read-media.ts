import { openMedia } from '#core/media'
import type { Message } from '#core/messages'
import type { Context } from '#kit/context'
import { mediaIdIn } from './around.ts'
import { fileUrl } from './message-parts.wire.ts'

const NOTHING = { url: null, mimetype: null, filename: null, dataBase64: null, originalQuality: null }
/** A larger file is told by its address alone: no client holds so much text. */
const INLINE_MOST = 16 * 1024 * 1024

/** The file of a message; why there is none is an answer and no error. */
export async function readMedia(ctx: Context, message: Message, publicUrl: string) {
  const mediaId = mediaIdIn(message)
  if (mediaId === undefined) return { ...NOTHING, mediaUnavailable: whyNot(message) }
  const opened = await openMedia(ctx.db, ctx.ports.files, ctx.workspaceId, mediaId)
  if (!opened) return { ...NOTHING, mediaUnavailable: 'expired' }
  const { media } = opened
  const bytes = media.size <= INLINE_MOST ? await opened.read() : undefined
  return {
    url: fileUrl(message, { publicUrl }),
    mimetype: media.mimeType,
    filename: media.filename ?? null,
    dataBase64: bytes?.toString('base64') ?? null,
    originalQuality: true,
    mediaUnavailable: null,
  }
}

function whyNot({ content }: Message): string {
  if (!('remoteMedia' in content)) return 'no_media'
  return content.mediaMissing === undefined ? 'fetching' : 'expired'
}

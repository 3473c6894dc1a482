import type { z } from 'zod'
import type { Content } from '#core/content'
import { dropMedia, fetchMedia, type Media, storeBase64, storeMedia } from '#core/media'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'
import type { Draft, MediaSource } from './draft.wire.ts'
import type { MediaKind } from './send-body.wire.ts'

type NewContent = z.input<typeof Content>

/** A draft as the core takes it; its file is fetched and kept first. */
export async function prepareContent(ctx: Context, draft: Draft): Promise<NewContent> {
  if (draft.type === 'text') return textContent(draft.text)
  if (draft.type === 'poll') return { type: 'poll', question: draft.question, options: draft.options, allowMultiple: draft.allowMultiple }
  if (draft.kind !== undefined) checkCaption(draft.kind, draft.caption) // before anything is fetched
  const file = await keepSource(ctx, draft.source, { filename: draft.filename })
  return orDrop(ctx, file.id, async () => mediaContent(file, draft))
}

/** Codes after which nobody knows whether the message was kept. */
const UNSURE = new Set<string>(['internal', 'unavailable'])

/** Does something with a file that was kept for it; refused, the file goes again. */
export async function orDrop<Result>(ctx: Context, mediaId: string | undefined, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use()
  } catch (error) {
    if (mediaId !== undefined && error instanceof DomainError && !UNSURE.has(error.code)) await drop(ctx, mediaId)
    throw error
  }
}

async function drop(ctx: Context, mediaId: string): Promise<void> {
  try {
    await dropMedia(ctx, { mediaId })
  } catch (error) {
    ctx.log.warn({ error, requestId: ctx.requestId }, 'a file of a refused message stays')
  }
}

export const textContent = (text: string): NewContent => ({ type: 'text', text, ...(/https?:\/\//i.test(text) && { previewUrl: true }) })

/** Takes a copy of a file. Refusals name the field of this door's body. */
export async function keepSource(
  ctx: Context,
  source: MediaSource,
  claims: { filename?: string | undefined; mimeType?: string | undefined },
): Promise<Media> {
  if ('bytes' in source) return storeMedia(ctx, { ...source, filename: claims.filename ?? source.filename, source: 'upload' })
  if ('base64' in source) {
    const given = source.base64.startsWith('data:') ? { dataUrl: source.base64 } : { base64: source.base64 }
    return storeBase64(ctx, { ...given, ...claims })
  }
  return fetchMedia(ctx, { url: source.url, ...claims }).catch(atMediaUrl)
}

/** The core calls it url; so does it the address of a webhook. */
function atMediaUrl(error: unknown): never {
  if (!(error instanceof DomainError)) throw error
  const issues = error.issues.map((issue) => (issue.path === 'url' ? { ...issue, path: 'mediaUrl' } : issue))
  throw new DomainError(error.code, error.message, { issues, facts: { ...error.facts } })
}

/** What a file is sent as, when nobody says. */
export function kindOfFile(mimeType: string): MediaKind {
  const [family] = mimeType.split('/')
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

type Wish = { kind: MediaKind | undefined; caption: string | undefined; filename: string | undefined }

/** Throws `invalid` for a caption where WhatsApp shows none. */
export function mediaContent(
  { id: mediaId, mimeType, filename: stored }: Pick<Media, 'id' | 'mimeType' | 'filename'>,
  wish: Wish,
): NewContent {
  const { caption } = wish
  const kind = wish.kind ?? kindOfFile(mimeType)
  if (kind === 'document') {
    const filename = wish.filename ?? stored
    return { type: kind, mediaId, caption, ...(filename !== undefined && { filename }) }
  }
  if (kind === 'image' || kind === 'video') return { type: kind, mediaId, caption }
  if (kind === 'gif') return { type: mimeType.startsWith('image/') ? 'image' : 'video', mediaId, caption }
  checkCaption(kind, caption)
  return { type: kind, mediaId }
}

/** Throws `invalid` for a caption where WhatsApp shows none. */
export function checkCaption(kind: MediaKind, caption: string | undefined): void {
  if (caption !== undefined && (kind === 'audio' || kind === 'voice' || kind === 'sticker'))
    throw invalidField('text', `a message of kind ${kind} has no caption`)
}

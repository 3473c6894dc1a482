import type { z } from 'zod'
import { fetchMedia, type Media, storeBase64, storeMedia } from '#core/media'
import type { Context } from '#kit/context'
import { DomainError, invalidField } from '#kit/errors'
import type { MediaSource } from './draft.wire.ts'
import type { Picture } from './groups.wire.ts'
import { orDrop } from './prepare-content.ts'

type Given = { body: z.output<typeof Picture>; upload: MediaSource | undefined }

/** Keeps a picture and does something with it; refused, the file goes again. */
export async function keepPicture<Result>(ctx: Context, given: Given, use: (mediaId: string) => Promise<Result>): Promise<Result> {
  const { id } = await keep(ctx, given)
  return orDrop(ctx, id, () => use(id))
}

async function keep(ctx: Context, { body, upload }: Given): Promise<Media> {
  const { fileDataUrl, url, fileName: filename, fileMimeType: mimeType } = body
  if ([fileDataUrl, url, upload].filter((source) => source !== undefined).length > 1)
    throw invalidField('url', 'is one picture too many: give fileDataUrl, url or a file')
  if (upload && 'bytes' in upload) return storeMedia(ctx, { ...upload, source: 'upload' })
  if (url !== undefined) return fetchMedia(ctx, { url, filename, mimeType })
  if (fileDataUrl === undefined) throw invalidField('fileDataUrl', 'either fileDataUrl or url is required', 'invalid_type')
  return storeBase64(ctx, { dataUrl: fileDataUrl, filename, mimeType }).catch(atDataUrl)
}

/** The core's name of the field -> this body's. */
function atDataUrl(error: unknown): never {
  if (!(error instanceof DomainError)) throw error
  const issues = error.issues.map((issue) => (issue.path === 'dataUrl' ? { ...issue, path: 'fileDataUrl' } : issue))
  throw new DomainError(error.code, error.message, { issues, facts: { ...error.facts } })
}

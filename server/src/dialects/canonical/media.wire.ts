import { z } from 'zod'
import type { Media } from '#core/media'
import { ShownId, showId } from './ids.wire.ts'
import { ShownTime, showTime } from './lists.wire.ts'

const Filename = z.string().min(1).max(255).optional()

/** A file by URL or right here; multipart/form-data with one file part is taken as well. */
export const NewMedia = z.union([
  z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2048), filename: Filename }),
  z.strictObject({ base64: z.string().min(1).max(24_000_000), filename: Filename }),
])

/** As the route takes it: a form is no JSON. */
export const MaybeNewMedia = NewMedia.nullish().meta({ example: { url: 'https://example.com/menu.pdf' } })

export const ShownMedia = z.object({
  id: ShownId('med'),
  mimeType: z.string().describe('What its bytes say'),
  size: z.int().describe('Bytes'),
  sha256: z.string(),
  filename: z.string().nullable(),
  source: z.enum(['upload', 'url', 'base64', 'inbound']),
  createdAt: ShownTime,
})

export const showMedia = ({ id, mimeType, size, sha256, filename, source, createdAt }: Media) => ({
  id: showId('med', id),
  mimeType,
  size,
  sha256,
  filename: filename ?? null,
  source,
  createdAt: showTime(createdAt),
})

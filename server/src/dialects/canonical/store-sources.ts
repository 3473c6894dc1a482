import type { z } from 'zod'
import type { Content } from '#core/content'
import { fetchMedia, storeBase64 } from '#core/media'
import type { Context } from '#kit/context'
import { invalidField } from '#kit/errors'
import { type MediaSource, toCoreContent, type WireContent } from './content.wire.ts'

/** Content as the core takes it, the files it brought along stored first. */
export async function storeSources(ctx: Context, wire: WireContent): Promise<z.input<typeof Content>> {
  const { content, places, wrong } = toCoreContent(wire)
  if (wrong) throw invalidField(wrong.path, wrong.message)
  for (const { source, put } of places) put(await storeSource(ctx, source))
  return content as z.input<typeof Content> // whatever it is, the verb parses it
}

/** Must a file be stored before this can be sent? */
export const bringsFile = (wire: WireContent): boolean => toCoreContent(wire).places.some(({ source }) => !('id' in source))

export async function storeSource(ctx: Context, source: MediaSource): Promise<string> {
  if ('id' in source) return source.id
  const media = 'url' in source ? await fetchMedia(ctx, source) : await storeBase64(ctx, source)
  return media.id
}

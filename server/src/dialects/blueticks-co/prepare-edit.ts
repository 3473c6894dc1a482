import type { z } from 'zod'
import type { Content } from '#core/content'
import { findMediaFiles, type Media } from '#core/media'
import type { MadeMessage } from '#core/messages'
import type { Context } from '#kit/context'
import { kindOf } from './content-kinds.wire.ts'
import { type Flat, flatten, sourceOf, toDraft } from './draft.wire.ts'
import { mediaContent, prepareContent } from './prepare-content.ts'
import { type EditBody, MEDIA_KINDS, type MediaKind } from './send-body.wire.ts'

/** The content after an edit: what the body leaves out stays as it was. undefined: the body says nothing of it. */
export async function prepareEdit(ctx: Context, message: MadeMessage, body: EditBody): Promise<z.input<typeof Content> | undefined> {
  const flat = flatten(body)
  if (Object.values(flat).every((value) => value === undefined)) return undefined
  const { content } = message
  const type = flat.type ?? kindOf(message)
  if (type === 'media' && kindOf(message) === 'media' && 'mediaId' in content && !sourceOf(flat)) {
    toDraft({ ...flat, type, mediaUrl: 'kept' }) // refuses what does not belong to a file
    const [file] = await findMediaFiles(ctx.db, ctx.workspaceId, [content.mediaId])
    return mediaContent(
      file ?? { id: content.mediaId, mimeType: 'application/octet-stream', filename: undefined },
      keptWish(message, flat, file),
    )
  }
  if (type === 'media') {
    const draft = toDraft({ ...flat, type, text: flat.text ?? captionOf(content) })
    return prepareContent(ctx, draft)
  }
  return prepareContent(ctx, toDraft(overlay(content, { ...flat, type })))
}

const captionOf = (content: Content): string | undefined => ('caption' in content ? content.caption : undefined)

function keptWish({ content }: MadeMessage, flat: Flat, file: Media | undefined) {
  const was = MEDIA_KINDS.find((kind): kind is MediaKind => kind === content.type)
  return {
    kind: flat.mediaKind ?? was,
    caption: flat.text ?? captionOf(content),
    filename: flat.mediaFilename ?? ('filename' in content ? content.filename : undefined) ?? file?.filename,
  }
}

/** The fields that the message has already, under those that the body gives. */
function overlay(content: Content, flat: Flat): Flat {
  if (flat.type === 'text') return content.type === 'text' ? { ...flat, text: flat.text ?? content.text } : flat
  if (content.type !== 'poll') return flat
  return {
    ...flat,
    pollQuestion: flat.pollQuestion ?? content.question,
    pollOptions: flat.pollOptions ?? content.options,
    pollAllowMultiple: flat.pollAllowMultiple ?? content.allowMultiple,
  }
}

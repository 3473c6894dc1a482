import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findMediaFiles } from './media.store.ts'
import type { Media } from './media.ts'

export const getMedia = operation({
  name: 'media.get',
  does: 'What is known of a stored file.',
  needs: 'media:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ mediaId: z.uuid() }),
  async run(ctx, { mediaId }): Promise<Media> {
    const [media] = await findMediaFiles(ctx.db, ctx.workspaceId, [mediaId])
    if (!media) throw notFound('file')
    return media
  },
})

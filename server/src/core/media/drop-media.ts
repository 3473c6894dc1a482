import { z } from 'zod'
import { operation } from '#kit/operation'
import { removeMedia } from './media.store.ts'

export const dropMedia = operation({
  name: 'media.drop',
  does: 'Take away a file that was kept for a message which was then refused. No error when there is none.',
  needs: 'media:write',
  input: z.strictObject({ mediaId: z.uuid() }),
  async run(ctx, { mediaId }): Promise<void> {
    const storageKey = await removeMedia(ctx.db, ctx.workspaceId, mediaId)
    if (storageKey !== undefined) ctx.transaction?.afterCommit.push(() => ctx.ports.files.delete(storageKey))
  },
})

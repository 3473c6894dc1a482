import { z } from 'zod'
import type { Context } from '#kit/context'
import { operation } from '#kit/operation'
import { removeMedia } from './media.store.ts'

/** Takes a file away, its row first; no error when there is none. */
export async function removeFile(
  ctx: Pick<Context, 'db' | 'workspaceId'> & { ports: Pick<Context['ports'], 'files'> },
  mediaId: string,
): Promise<void> {
  const storageKey = await removeMedia(ctx.db, ctx.workspaceId, mediaId)
  if (storageKey !== undefined) await ctx.ports.files.delete(storageKey)
}

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

import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { countAudiences, selectAudiences } from './audience.store.ts'
import type { Audience } from './audience.ts'

export const listAudiences = operation({
  name: 'audiences.list',
  does: 'The audiences of this workspace, newest first.',
  needs: 'audiences:read',
  input: PageInput.extend({
    order: z.enum(['newest', 'oldest']).default('newest'),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(ctx, { order, limit, cursor, skip, withTotal }): Promise<Page<Audience> & { total: number | undefined }> {
    const rows = await selectAudiences(ctx.db, ctx.workspaceId, { order, after: cursorId(cursor), limit: limit + 1, skip })
    const total = withTotal ? await countAudiences(ctx.db, ctx.workspaceId) : undefined
    return { ...pageOf(rows, limit, ({ id }) => id), total }
  },
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { countNewsletters, selectNewsletters } from './newsletter.store.ts'
import type { Newsletter } from './newsletter.ts'

export const listNewsletters = operation({
  name: 'newsletters.list',
  does: 'The newsletters of this workspace, newest first.',
  needs: 'newsletters:read',
  input: PageInput.extend({
    search: z.string().min(1).max(128).optional().describe('Part of the name'),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(ctx, { search, limit, cursor, skip, withTotal }): Promise<Page<Newsletter> & { total: number | undefined }> {
    const rows = await selectNewsletters(ctx.db, ctx.workspaceId, { search, after: cursorId(cursor), limit: limit + 1, skip })
    const total = withTotal ? await countNewsletters(ctx.db, ctx.workspaceId, search) : undefined
    return { ...pageOf(rows, limit, ({ id }) => id), total }
  },
})

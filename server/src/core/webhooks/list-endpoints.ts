import { z } from 'zod'
import { operation, parse } from '#kit/operation'
import { decodeCursor, PAGE_DEFAULT, PAGE_MOST, type Page, pageOf } from '#kit/paging'
import { countEndpoints, searchEndpoints } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'

export const listEndpoints = operation({
  name: 'webhooks.list',
  does: 'List webhook endpoints, without their secrets.',
  needs: 'webhooks:read',
  input: z.strictObject({
    style: z.string().max(32).optional(),
    order: z.enum(['newest', 'oldest']).default('newest'),
    limit: z.int().min(1).max(PAGE_MOST).default(PAGE_DEFAULT),
    cursor: z.string().optional(),
    skip: z.int().min(0).max(1_000_000).optional().describe('For doors that page by number'),
    withTotal: z.boolean().default(false),
  }),
  async run(ctx, { style, order, limit, cursor, skip, withTotal }): Promise<Page<Endpoint> & { total: number | undefined }> {
    const after = cursor === undefined ? undefined : parse(z.uuid(), decodeCursor(cursor))
    const rows = await searchEndpoints(ctx.db, ctx.workspaceId, { style, order, after, limit: limit + 1, skip })
    const total = withTotal ? await countEndpoints(ctx.db, ctx.workspaceId, style) : undefined
    return { ...pageOf(rows, limit, ({ id }) => id), total }
  },
})

import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation, parse } from '#kit/operation'
import { decodeCursor, PAGE_DEFAULT, PAGE_MOST, type Page, pageOf } from '#kit/paging'
import { searchDeliveries } from './delivery.store.ts'
import { findEndpoint } from './endpoint.store.ts'
import type { DeliveryAttempt } from './endpoint.ts'

const Cursor = z.tuple([z.uuid(), z.int()])

export const listDeliveries = operation({
  name: 'webhooks.deliveries',
  does: 'List the attempts to tell events, the newest delivery first: status, latency and the first kilobyte of each answer.',
  needs: 'webhooks:read',
  input: z.strictObject({
    endpointId: z.uuid().optional(),
    succeeded: z.boolean().optional(),
    limit: z.int().min(1).max(PAGE_MOST).default(PAGE_DEFAULT),
    cursor: z.string().optional(),
  }),
  async run(ctx, { endpointId, succeeded, limit, cursor }): Promise<Page<DeliveryAttempt>> {
    if (endpointId !== undefined && !(await findEndpoint(ctx.db, ctx.workspaceId, endpointId))) throw notFound('webhook')
    const [id, attempt] = cursor === undefined ? [] : parse(Cursor, decodeCursor(cursor))
    const after = id === undefined || attempt === undefined ? undefined : { id, attempt }
    const rows = await searchDeliveries(ctx.db, ctx.workspaceId, { endpointId, succeeded, after, limit: limit + 1 })
    return pageOf(rows, limit, (row) => [row.deliveryId, row.attempt])
  },
})

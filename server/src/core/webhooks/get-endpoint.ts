import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { findEndpoint } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'

export const getEndpoint = operation({
  name: 'webhooks.get',
  does: 'Show one webhook endpoint, without its secret.',
  needs: 'webhooks:read',
  input: z.strictObject({ endpointId: z.uuid() }),
  async run(ctx, { endpointId }): Promise<Endpoint> {
    const endpoint = await findEndpoint(ctx.db, ctx.workspaceId, endpointId)
    if (!endpoint) throw notFound('webhook')
    return endpoint
  },
})

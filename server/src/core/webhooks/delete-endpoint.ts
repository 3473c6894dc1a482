import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { dropWaiting } from './delivery.store.ts'
import { lockEndpoint, notifyEndpoints, removeEndpoint } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'

export const deleteEndpoint = operation({
  name: 'webhooks.delete',
  does: 'Take a webhook endpoint away; what waits for it is dropped, its log stays until it is old.',
  needs: 'webhooks:write',
  input: z.strictObject({ endpointId: z.uuid() }),
  async run(ctx, { endpointId }): Promise<Endpoint> {
    const locked = await lockEndpoint(ctx.db, ctx.workspaceId, endpointId)
    if (!locked) throw notFound('webhook')
    await dropWaiting(ctx.db, ctx.workspaceId, endpointId)
    await removeEndpoint(ctx.db, ctx.workspaceId, endpointId)
    await notifyEndpoints(ctx.db, ctx.workspaceId)
    return locked.endpoint
  },
})

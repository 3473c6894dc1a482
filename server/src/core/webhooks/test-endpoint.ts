import { z } from 'zod'
import { operation, raise } from '#kit/operation'
import { probeNow } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'
import { requireEnabled } from './require-enabled.ts'

export const testEndpoint = operation({
  name: 'webhooks.test',
  does: 'Send an event webhook.test to this endpoint alone, whatever its filter.',
  needs: 'webhooks:write',
  input: z.strictObject({ endpointId: z.uuid() }),
  async run(ctx, { endpointId }): Promise<Endpoint> {
    const endpoint = await requireEnabled(ctx, endpointId)
    await probeNow(ctx.db, ctx.workspaceId, endpointId)
    raise(ctx, 'webhook.test', { endpointId })
    return endpoint
  },
})

import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { lockEndpoint, notifyEndpoints, saveSecrets } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'
import { mintEndpointSecret, openSecrets, rotateSecrets, sealSecrets } from './endpoint-secrets.ts'

export const rotateSecret = operation({
  name: 'webhooks.rotateSecret',
  does: 'Give a webhook endpoint a new secret, shown once. With overlap the old one signs as well for 24 hours.',
  needs: 'webhooks:write',
  input: z.strictObject({ endpointId: z.uuid(), overlap: z.boolean().default(true) }),
  async run(ctx, { endpointId, overlap }): Promise<{ endpoint: Endpoint; secret: string }> {
    const locked = await lockEndpoint(ctx.db, ctx.workspaceId, endpointId)
    if (!locked) throw notFound('webhook')
    const secret = mintEndpointSecret()
    const secrets = rotateSecrets(openSecrets(ctx.ports.secretBox, locked.secrets), secret, { overlap, now: ctx.now() })
    const endpoint = await saveSecrets(ctx.db, ctx.workspaceId, endpointId, sealSecrets(ctx.ports.secretBox, secrets))
    await notifyEndpoints(ctx.db, ctx.workspaceId)
    return { endpoint: endpoint ?? locked.endpoint, secret }
  },
})

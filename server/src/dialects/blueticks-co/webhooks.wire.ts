import { z } from 'zod'
import type { Endpoint } from '#core/webhooks'
import { CATALOGUE } from './catalogue.wire.ts'
import { showId } from './ids.wire.ts'

const Fields = {
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .meta({ examples: ['https://your-app.example.com/webhooks/blueticks'] }),
  events: z.array(z.enum(CATALOGUE)).min(1).max(100),
  description: z.string().max(120),
}

export const NewWebhook = z.strictObject({ ...Fields, description: Fields.description.optional() }).meta({
  examples: [{ url: 'https://your-app.example.com/webhooks/blueticks', events: ['message.delivered', 'message.read', 'message.failed'] }],
})

export const WebhookEdit = z
  .strictObject({
    url: Fields.url.optional(),
    events: Fields.events.optional(),
    description: Fields.description.nullable().optional().describe('null clears it'),
    status: z.enum(['enabled', 'disabled']).optional(),
  })
  .meta({ example: { status: 'enabled' } })

/** Never with its secret: that stands beside it, once. */
export const showWebhook = (endpoint: Endpoint) => ({
  id: showId('wh', endpoint.id),
  url: endpoint.url,
  events: endpoint.events,
  description: endpoint.description ?? null,
  status: endpoint.state,
  createdAt: endpoint.createdAt.toISOString(),
  updatedAt: endpoint.updatedAt.toISOString(),
})

import type { FastifyInstance } from 'fastify'
import type { Door } from '#kit/door'
import { apiKeyRoutes } from './api-keys.ts'
import { bearer } from './bearer.ts'
import { channelRoutes } from './channels.ts'
import { contactRoutes } from './contacts.ts'
import { conversationRoutes } from './conversations.ts'
import { deliveryRoutes } from './deliveries.ts'
import { speak } from './errors.ts'
import { eventRoutes } from './event-feed.ts'
import { webhooks } from './events.ts'
import { meRoutes } from './me.ts'
import { mediaRoutes } from './media.ts'
import { messageRoutes } from './messages.ts'
import type { App } from './routes.ts'
import { simulatorRoutes } from './simulator.ts'
import { webhookRoutes } from './webhooks.ts'

const DESCRIPTION = `Send WhatsApp messages now or later, from your own number or over Meta's Cloud API.

Ids are typed (\`msg_…\`), times are ISO 8601 in UTC, lists are \`{ data, nextCursor }\`. Errors are RFC 9457 problems with a \`code\` for programs.
Every POST honours \`Idempotency-Key\` for 24 hours: the same request again gets the first answer, with \`Idempotent-Replayed: true\`.`

/** Our own API at /v2. */
export const canonical = {
  name: 'canonical',
  prefixes: ['/v2'],
  reference: { title: 'Chasqui API', version: '2', description: DESCRIPTION },
  routes: addRoutes,
  speak,
  webhooks,
}

async function addRoutes(scope: FastifyInstance, door: Door): Promise<void> {
  scope.get('/openapi.json', { schema: { hide: true } }, (_, reply) => reply.redirect('/docs/canonical/openapi.json', 308))
  await scope.register(async (admitted) => {
    admitted.addHook('onRequest', async (request) => {
      await door.admit(request, bearer(request.headers.authorization))
    })
    const app: App = admitted.withTypeProvider()
    for (const add of [
      meRoutes,
      apiKeyRoutes,
      messageRoutes,
      conversationRoutes,
      contactRoutes,
      channelRoutes,
      webhookRoutes,
      deliveryRoutes,
      eventRoutes,
      simulatorRoutes,
    ])
      add(app, door)
    await mediaRoutes(app, door)
  })
}

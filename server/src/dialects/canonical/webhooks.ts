import { z } from 'zod'
import { createEndpoint, deleteEndpoint, getEndpoint, listEndpoints, rotateSecret, testEndpoint, updateEndpoint } from '#core/webhooks'
import type { Door } from '#kit/door'
import { Path } from './ids.wire.ts'
import { Paging, showList } from './lists.wire.ts'
import { type App, about, answers } from './routes.ts'
import { EndpointEdit, EndpointList, MadeEndpoint, NewEndpoint, Rotation, ShownEndpoint, showEndpoint } from './webhooks.wire.ts'

const TAG = 'Webhooks'

export function webhookRoutes(app: App, door: Door): void {
  const params = Path('whk')
  const one = { params, response: answers(200, ShownEndpoint) }
  app.get(
    '/webhooks',
    {
      schema: { ...about(TAG, listEndpoints, 'List webhooks'), querystring: z.strictObject(Paging), response: answers(200, EndpointList) },
    },
    async ({ ctx, query }) => showList(await listEndpoints(ctx, query), showEndpoint),
  )
  app.post(
    '/webhooks',
    { schema: { ...about(TAG, createEndpoint, 'Make a webhook'), body: NewEndpoint, response: answers(201, MadeEndpoint) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { endpoint, secret } = await createEndpoint(ctx, { ...request.body, style: 'canonical' })
        return { status: 201, body: { ...showEndpoint(endpoint), secret } }
      }),
  )
  app.get('/webhooks/:id', { schema: { ...about(TAG, getEndpoint, 'Get a webhook'), ...one } }, async ({ ctx, params }) =>
    showEndpoint(await getEndpoint(ctx, { endpointId: params.id })),
  )
  app.patch(
    '/webhooks/:id',
    { schema: { ...about(TAG, updateEndpoint, 'Change a webhook'), ...one, body: EndpointEdit } },
    async ({ ctx, params, body }) => showEndpoint(await updateEndpoint(ctx, { ...body, endpointId: params.id })),
  )
  app.delete(
    '/webhooks/:id',
    { schema: { ...about(TAG, deleteEndpoint, 'Delete a webhook'), params, response: answers(204, z.null()) } },
    async ({ ctx, params }, reply) => {
      await deleteEndpoint(ctx, { endpointId: params.id })
      return reply.code(204).send()
    },
  )
  app.post(
    '/webhooks/:id/rotate-secret',
    { schema: { ...about(TAG, rotateSecret, 'Rotate the secret'), params, body: Rotation, response: answers(200, MadeEndpoint) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { endpoint, secret } = await rotateSecret(ctx, { ...request.body, endpointId: request.params.id })
        return { status: 200, body: { ...showEndpoint(endpoint), secret } }
      }),
  )
  app.post('/webhooks/:id/test', { schema: { ...about(TAG, testEndpoint, 'Send a test event'), ...one } }, (request, reply) =>
    door.once(request, reply, async (ctx) => ({
      status: 200,
      body: showEndpoint(await testEndpoint(ctx, { endpointId: request.params.id })),
    })),
  )
}

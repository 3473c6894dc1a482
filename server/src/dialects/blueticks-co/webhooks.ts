import { z } from 'zod'
import { createEndpoint, deleteEndpoint, type Endpoint, getEndpoint, listEndpoints, rotateSecret, updateEndpoint } from '#core/webhooks'
import type { Context, Scope } from '#kit/context'
import type { Door } from '#kit/door'
import { notFound } from '#kit/errors'
import { requireScope } from '#kit/operation'
import { One, one, PageOf, page } from './answers.wire.ts'
import { DOOR } from './door.ts'
import { Path, showId } from './ids.wire.ts'
import { cursorTo, Order, Paging, placeOf } from './paging.wire.ts'
import { type App, about, answers } from './routes.ts'
import { NewWebhook, showWebhook, WebhookEdit } from './webhooks.wire.ts'

const TAG = 'Webhooks'
const READ = 'webhooks:read'
const WRITE = 'webhooks:write'
const ONE = { params: Path('wh'), response: answers(200, One) }

export function webhookRoutes(app: App, door: Door): void {
  makingRoutes(app, door)
  app.get(
    '/webhooks',
    {
      schema: {
        ...about(TAG, ['List webhooks', 'Newest first.'], READ),
        querystring: z.object({ ...Paging, order: Order }),
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, query }) => {
      const { limit, order } = query
      const { skip } = placeOf(query)
      const { rows, total = 0 } = await listEndpoints(ctx, {
        style: DOOR,
        order: order === 'asc' ? 'oldest' : 'newest',
        limit,
        skip,
        withTotal: true,
      })
      return page(rows.map(showWebhook), { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) })
    },
  )
  app.get('/webhooks/:id', { schema: { ...about(TAG, ['Get a webhook'], READ), ...ONE } }, async ({ ctx, params }) =>
    one(showWebhook(await requireOurs(ctx, params.id, READ))),
  )
  app.patch(
    '/webhooks/:id',
    { schema: { ...about(TAG, ['Change a webhook', 'Enabling it forgets its failures.'], WRITE), ...ONE, body: WebhookEdit } },
    async ({ ctx, params, body }) => {
      const { status: state, ...edit } = body
      const { id: endpointId } = await requireOurs(ctx, params.id, WRITE)
      return one(showWebhook(await updateEndpoint(ctx, { ...edit, state, endpointId })))
    },
  )
  app.delete('/webhooks/:id', { schema: { ...about(TAG, ['Delete a webhook'], WRITE), ...ONE } }, async ({ ctx, params }) => {
    const { id: endpointId } = await requireOurs(ctx, params.id, WRITE)
    await deleteEndpoint(ctx, { endpointId })
    return one({ id: showId('wh', endpointId), deleted: true })
  })
}

/** The secret is shown here, at the top alone. */
function makingRoutes(app: App, door: Door): void {
  app.post(
    '/webhooks',
    {
      schema: {
        ...about(TAG, ['Make a webhook', 'Events are posted to its URL. The secret is shown once.'], WRITE),
        body: NewWebhook,
        response: answers(201, One),
      },
    },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { endpoint, secret } = await createEndpoint(ctx, { ...request.body, style: DOOR })
        return { status: 201, body: one(showWebhook(endpoint), { secret }) }
      }),
  )
  app.post(
    '/webhooks/:id/rotate-secret',
    { schema: { ...about(TAG, ['Rotate the secret', 'A new one, at once; it is shown once.'], WRITE), ...ONE } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { id: endpointId } = await requireOurs(ctx, request.params.id, WRITE)
        // the old one signs on in the standard header only: our own two schemes take the newest
        const { endpoint, secret } = await rotateSecret(ctx, { endpointId, overlap: true })
        return { status: 200, body: one(showWebhook(endpoint), { secret }) }
      }),
  )
}

/** A webhook made at another door speaks other words; it is none of this one's. */
async function requireOurs(ctx: Context, endpointId: string, needs: Scope): Promise<Endpoint> {
  requireScope(ctx, needs) // before it is told whether there is such a webhook
  const endpoint = await getEndpoint(ctx, { endpointId })
  if (endpoint.style !== DOOR) throw notFound('webhook')
  return endpoint
}

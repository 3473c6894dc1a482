import { listDeliveries, replayDelivery, replayFailed } from '#core/webhooks'
import type { Door } from '#kit/door'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { type App, about, answers } from './routes.ts'
import { AttemptList, DeliveryQuery, Replayed, ShownAttempt, Since, showAttempt } from './webhooks.wire.ts'

const TAG = 'Webhooks'

export function deliveryRoutes(app: App, door: Door): void {
  const list = { querystring: DeliveryQuery, response: answers(200, AttemptList) }
  app.get(
    '/webhooks/:id/deliveries',
    { schema: { ...about(TAG, listDeliveries, "List a webhook's deliveries", 'webhooks.deliveries-of'), params: Path('whk'), ...list } },
    async ({ ctx, params, query }) => showList(await listDeliveries(ctx, { ...query, endpointId: params.id }), showAttempt),
  )
  app.get('/deliveries', { schema: { ...about(TAG, listDeliveries, 'List deliveries'), ...list } }, async ({ ctx, query }) =>
    showList(await listDeliveries(ctx, query), showAttempt),
  )
  app.post(
    '/deliveries/:id/replay',
    { schema: { ...about(TAG, replayDelivery, 'Replay a delivery'), params: Path('dlv'), response: answers(200, ShownAttempt) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({
        status: 200,
        body: showAttempt(await replayDelivery(ctx, { deliveryId: request.params.id })),
      })),
  )
  app.post(
    '/webhooks/:id/replay',
    {
      schema: { ...about(TAG, replayFailed, 'Replay all that failed'), params: Path('whk'), body: Since, response: answers(200, Replayed) },
    },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({
        status: 200,
        body: await replayFailed(ctx, { endpointId: request.params.id, since: request.body.since }),
      })),
  )
}

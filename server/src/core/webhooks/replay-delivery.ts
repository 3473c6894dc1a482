import { z } from 'zod'
import { callbackReceiver, readEvents } from '#core/events'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { insertWaiting, lastAttempt, type WaitingDelivery } from './delivery.store.ts'
import { notifyEndpoints, probeNow } from './endpoint.store.ts'
import { type DeliveryAttempt, endpointReceiver } from './endpoint.ts'
import { requireEnabled } from './require-enabled.ts'

export const replayDelivery = operation({
  name: 'webhooks.replay',
  does: 'Tell one event again, under the same event id, with a schedule of its own.',
  needs: 'webhooks:write',
  input: z.strictObject({ deliveryId: z.uuid() }),
  async run(ctx, { deliveryId }): Promise<DeliveryAttempt> {
    const last = await lastAttempt(ctx.db, ctx.workspaceId, deliveryId)
    if (!last) throw notFound('delivery')
    if (last.endpointId !== undefined) {
      await requireEnabled(ctx, last.endpointId)
      await probeNow(ctx.db, ctx.workspaceId, last.endpointId)
    }
    const [event] = await readEvents(ctx.db, ctx.workspaceId, last.eventSeq - 1, 1)
    if (event?.seq !== last.eventSeq) throw new DomainError('conflict', 'The event of this delivery is no longer kept')
    await insertWaiting(ctx.db, ctx.workspaceId, [againOf(last)])
    await notifyEndpoints(ctx.db, ctx.workspaceId)
    return last
  },
})

/** The next attempt of a series, at the beginning of the schedule. */
export function againOf(last: DeliveryAttempt): WaitingDelivery {
  const { deliveryId, attempt, endpointId, url, style, eventId, eventSeq, eventType, toldAs } = last
  const receiver = endpointId === undefined ? callbackReceiver(url) : endpointReceiver(endpointId)
  return { id: deliveryId, attempt, receiver, details: { url, style, eventId, eventSeq, eventType, endpointId, toldAs, before: attempt } }
}

import { z } from 'zod'
import { operation } from '#kit/operation'
import { failedSince, insertWaiting } from './delivery.store.ts'
import { notifyEndpoints, probeNow } from './endpoint.store.ts'
import { againOf } from './replay-delivery.ts'
import { requireEnabled } from './require-enabled.ts'

/** Deliveries that one call takes up at most; `more` says to call again. */
const REPLAYED_MOST = 5_000

export const replayFailed = operation({
  name: 'webhooks.replayFailed',
  does: 'Tell again every event whose delivery to this endpoint failed since a time.',
  needs: 'webhooks:write',
  input: z.strictObject({ endpointId: z.uuid(), since: z.date() }),
  async run(ctx, { endpointId, since }): Promise<{ replayed: number; more: boolean }> {
    await requireEnabled(ctx, endpointId)
    const failed = await failedSince(ctx.db, ctx.workspaceId, { endpointId, since, limit: REPLAYED_MOST + 1 })
    const again = failed.slice(0, REPLAYED_MOST).map(againOf)
    if (again.length > 0) {
      await insertWaiting(ctx.db, ctx.workspaceId, again)
      await probeNow(ctx.db, ctx.workspaceId, endpointId)
      await notifyEndpoints(ctx.db, ctx.workspaceId)
    }
    return { replayed: again.length, more: failed.length > REPLAYED_MOST }
  },
})

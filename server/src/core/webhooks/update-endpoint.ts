import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { Description, EndpointUrl, EventNames, requireChannel } from './create-endpoint.ts'
import { dropWaiting } from './delivery.store.ts'
import { lockEndpoint, notifyEndpoints, resetEndpoint, saveEndpoint } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'

export const updateEndpoint = operation({
  name: 'webhooks.update',
  does: 'Change a webhook endpoint. Enabling it forgets its failures and tells what happens from now on; disabling it drops what waits.',
  needs: 'webhooks:write',
  input: z.strictObject({
    endpointId: z.uuid(),
    url: EndpointUrl.optional(),
    events: EventNames.optional(),
    description: Description.nullable().optional(),
    channelId: z.uuid().nullable().optional(),
    state: z.enum(['enabled', 'disabled']).optional(),
  }),
  async run(ctx, { endpointId, ...change }): Promise<Endpoint> {
    if (change.url !== undefined) ctx.ports.http.check(change.url)
    await requireChannel(ctx, change.channelId)
    const locked = await lockEndpoint(ctx.db, ctx.workspaceId, endpointId)
    if (!locked) throw notFound('webhook')
    const before = locked.endpoint
    if (change.state === 'enabled') await resetEndpoint(ctx.db, ctx.workspaceId, endpointId, before.state === 'disabled')
    if (change.state === 'disabled') await dropWaiting(ctx.db, ctx.workspaceId, endpointId)
    const after = await saveEndpoint(ctx.db, changed(before, change))
    await notifyEndpoints(ctx.db, ctx.workspaceId)
    return after ?? before
  },
})

type Change = {
  url?: string | undefined
  events?: string[] | undefined
  description?: string | null | undefined
  channelId?: string | null | undefined
  state?: Endpoint['state'] | undefined
}

/** undefined keeps, null clears. */
function changed(before: Endpoint, { url, events, description, channelId, state }: Change): Endpoint {
  return {
    ...before,
    url: url ?? before.url,
    events: events ?? before.events,
    description: description === undefined ? before.description : (description ?? undefined),
    channelId: channelId === undefined ? before.channelId : (channelId ?? undefined),
    state: state ?? before.state,
    disabledReason:
      state === 'enabled' ? undefined : state === 'disabled' && before.state === 'enabled' ? 'by_hand' : before.disabledReason,
  }
}

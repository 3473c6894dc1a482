import { z } from 'zod'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { newId } from '#kit/ids'
import { operation } from '#kit/operation'
import { insertEndpoint, notifyEndpoints } from './endpoint.store.ts'
import type { Endpoint } from './endpoint.ts'
import { mintEndpointSecret, sealSecrets } from './endpoint-secrets.ts'

export const EndpointUrl = z.string().min(1).max(2048)
/** Names of events in the words of the endpoint's door, which knows them; '*' is every one. */
export const EventNames = z
  .array(
    z
      .string()
      .regex(/^(\*|[a-z0-9_]+([.][a-z0-9_*]+)*)$/i, 'is not the name of an event')
      .max(80),
  )
  .min(1)
  .max(100)
  .transform((names) => [...new Set(names)])
export const Description = z.string().max(500)

export const createEndpoint = operation({
  name: 'webhooks.create',
  does: 'Have events pushed to a URL, from now on. The secret is shown once.',
  needs: 'webhooks:write',
  input: z.strictObject({
    url: EndpointUrl,
    events: EventNames,
    style: z.string().min(1).max(32).default('canonical').describe('The door whose headers and body shape it gets'),
    description: Description.optional(),
    channelId: z.uuid().optional().describe('Only events of this channel'),
  }),
  async run(ctx, { url, events, style, description, channelId }): Promise<{ endpoint: Endpoint; secret: string }> {
    ctx.ports.http.check(url)
    await requireChannel(ctx, channelId)
    const secret = mintEndpointSecret()
    const secrets = sealSecrets(ctx.ports.secretBox, [{ secret }])
    const endpoint = await insertEndpoint(ctx.db, {
      id: newId(),
      workspaceId: ctx.workspaceId,
      url,
      events,
      style,
      description,
      channelId,
      secrets,
    })
    if (!endpoint) throw new DomainError('internal', 'The workspace has no event counter')
    await notifyEndpoints(ctx.db, ctx.workspaceId)
    return { endpoint, secret }
  },
})

/** Throws `not_found` for a channel that is not of this workspace. */
export async function requireChannel(ctx: Context, channelId: string | null | undefined): Promise<void> {
  if (channelId == null) return
  if (!(await ctx.ports.channels.get(ctx.workspaceId, channelId))) throw notFound('channel')
}

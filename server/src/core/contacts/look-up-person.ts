import type { PersonFound } from '#core/transport'
import type { Context } from '#kit/context'

/** What the network says of a number in E.164, asked through the workspace's own number; undefined: no connected channel can be asked. */
export async function lookUpPerson(ctx: Context, phone: string): Promise<PersonFound | undefined> {
  const channel = await ctx.ports.channels.defaultFor(ctx.workspaceId, 'own_number')
  if (channel?.channel.state !== 'open') return undefined
  const transport = ctx.ports.transports.get(channel.kind)
  return transport?.lookUp && transport.capabilities(channel).lookups ? transport.lookUp(channel, phone) : undefined
}

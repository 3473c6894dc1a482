import { type Group, requireGroup, roadGroupOf } from '#core/groups'
import type { SimulatedGroup } from '#core/transport'
import type { Context } from '#kit/context'
import { notFound } from '#kit/errors'
import { sandboxNumber } from './sandbox-numbers.ts'

/** A group of a sandbox channel as the simulated network has it; founded again from our row, as the network may have forgotten it. */
export async function reachSimulatedGroup(ctx: Context, groupId: string): Promise<{ group: Group; simulated: SimulatedGroup }> {
  const { groups } = ctx.ports.simulator
  const group = await requireGroup(ctx, groupId)
  const { address, channelId } = group
  const { phone: business } = await sandboxNumber(ctx, channelId)
  await groups.refound(business, address, () => roadGroupOf(ctx.db, channelId, address))
  const simulated = groups.find(business, address)
  if (!simulated) throw notFound('group')
  return { group, simulated }
}

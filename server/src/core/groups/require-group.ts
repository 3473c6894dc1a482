import type { TransportChannelEntry } from '#core/channels'
import type { GroupRoad } from '#core/transport'
import type { Context } from '#kit/context'
import { DomainError, notFound } from '#kit/errors'
import { findGroups } from './group.store.ts'
import type { Group } from './group.ts'

/** Throws `not_found`. */
export async function requireGroup(ctx: Context, groupId: string): Promise<Group> {
  const [group] = await findGroups(ctx.db, ctx.workspaceId, [groupId])
  if (!group) throw notFound('group')
  return group
}

/** The road to a channel's groups. Throws `unsupported` where there can be none, `channel_closed` while it is not connected. */
export function roadTo(ctx: Context, entry: TransportChannelEntry): GroupRoad {
  const transport = ctx.ports.transports.get(entry.kind)
  if (!transport?.groups || !transport.capabilities(entry).groups) throw new DomainError('unsupported', 'This channel cannot have groups')
  if (entry.channel.state !== 'open') throw new DomainError('channel_closed', 'The channel is not connected')
  return transport.groups
}

/** A group, and the road on which to do something to it. */
export async function reachGroup(ctx: Context, groupId: string): Promise<{ group: Group; entry: TransportChannelEntry; road: GroupRoad }> {
  const group = await requireGroup(ctx, groupId)
  const entry = await ctx.ports.channels.get(ctx.workspaceId, group.channelId)
  if (!entry) throw notFound('group')
  return { group, entry, road: roadTo(ctx, entry) }
}

/** Throws `conflict` when the channel is out of the group. */
export async function reachOwnGroup(ctx: Context, groupId: string): ReturnType<typeof reachGroup> {
  const reached = await reachGroup(ctx, groupId)
  if (reached.group.leftAt) throw new DomainError('conflict', 'This number is not in the group any more')
  return reached
}

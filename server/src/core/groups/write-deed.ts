import type { TransportChannelEntry } from '#core/channels'
import type { GroupDeed } from '#core/transport'
import type { Context } from '#kit/context'
import { newId } from '#kit/ids'
import { raise, withTransaction } from '#kit/operation'
import { applyDeed } from './apply-deed.ts'
import { lockGroup } from './group.store.ts'
import type { Group } from './group.ts'

/** What a road has done for us: its row and event, after the fact. */
export async function writeDeed(
  ctx: Context,
  { entry, address }: { entry: TransportChannelEntry; address: string },
  deed: GroupDeed,
): Promise<Group> {
  return withTransaction(ctx, async (inside) => {
    const place = { id: newId(), workspaceId: ctx.workspaceId, channelId: entry.id, address }
    const { group, created } = await lockGroup(inside.db, place)
    const done = await applyDeed(inside.db, group, { deed, at: ctx.now(), by: entry.number, own: entry.number, created })
    for (const { type, subjects, facts } of done.facts) raise(inside, type, subjects, facts)
    return done.group
  })
}

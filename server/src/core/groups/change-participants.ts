import type { GroupDeed, ParticipantsEdit } from '#core/transport'
import type { Context } from '#kit/context'
import type { Group, Refused } from './group.ts'
import { noneOf } from './read-people.ts'
import { reachOwnGroup } from './require-group.ts'
import { granted } from './road-answer.ts'
import { writeDeed } from './write-deed.ts'

const DEEDS = { add: 'added', remove: 'removed', promote: 'promoted', demote: 'demoted' } as const satisfies Record<
  ParticipantsEdit['action'],
  GroupDeed['kind']
>

/** Asks the network, then writes what it did. Throws `invalid` when it did it for nobody. */
export async function changeParticipants(
  ctx: Context,
  groupId: string,
  edit: ParticipantsEdit,
): Promise<{ group: Group; refused: Refused[] }> {
  const { group, entry, road } = await reachOwnGroup(ctx, groupId)
  const { refused } = granted(await road.changeParticipants(entry, group.address, edit))
  const people = edit.people.filter((address) => !refused.some((one) => one.address === address))
  if (people.length === 0) throw noneOf(edit.people, refused)
  return { group: await writeDeed(ctx, { entry, address: group.address }, { kind: DEEDS[edit.action], people }), refused }
}

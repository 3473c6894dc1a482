import type { GroupAct, GroupChange, GroupDeed, RoadGroup, RoadNewsletter, SimulatedGroup } from '#core/transport'
import type { SandboxGroupAct } from './sandbox-network.ts'

const DEEDS = {
  add: 'added',
  remove: 'removed',
  promote: 'promoted',
  demote: 'demoted',
  join: 'joined',
  leave: 'left',
} as const satisfies Record<Exclude<GroupAct['act'], 'change'>, GroupDeed['kind']>

/** What a phone did, as every road tells it. */
export function toGroupChange({ group, id, at, who, act }: SandboxGroupAct): GroupChange {
  return { id, group: group.address, at: new Date(at), by: who, deed: toDeed(act, who) }
}

function toDeed(deed: GroupAct, who: string): GroupDeed {
  if (deed.act === 'change') {
    const { act: _, ...edit } = deed
    return { kind: 'changed', ...edit }
  }
  return { kind: DEEDS[deed.act], people: 'people' in deed ? deed.people : [who] }
}

export const toRoadGroup = (group: SimulatedGroup): RoadGroup => ({
  address: group.address,
  name: group.name,
  description: group.description,
  owner: [...group.members].find(([, role]) => role === 'owner')?.[0],
  onlyAdminsWrite: group.onlyAdminsWrite,
  onlyAdminsEdit: group.onlyAdminsEdit,
  foundedAt: new Date(group.foundedAt),
  participants: [...group.members].map(([address, role]) => ({ address, role })),
})

export const toRoadNewsletter = ({ address, name, description, foundedAt, members }: SimulatedGroup): RoadNewsletter => ({
  address,
  name,
  description,
  subscribers: members.size - 1, // all but the owner
  invite: address.replace(/@.*/, ''),
  verified: false,
  foundedAt: new Date(foundedAt),
})

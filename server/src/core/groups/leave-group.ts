import { z } from 'zod'
import { operation } from '#kit/operation'
import type { Group } from './group.ts'
import { reachGroup } from './require-group.ts'
import { granted } from './road-answer.ts'
import { writeDeed } from './write-deed.ts'

export const leaveGroup = operation({
  name: 'groups.leave',
  does: 'Go out of a group. Whoever is out already stays out.',
  needs: 'groups:write',
  mayRefuse: ['not_found', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none',
  input: z.strictObject({ groupId: z.uuid() }),
  async run(ctx, { groupId }): Promise<Group> {
    const { group, entry, road } = await reachGroup(ctx, groupId)
    if (group.leftAt) return group
    const answer = await road.leave(entry, group.address)
    if (answer.kind === 'refused' && answer.code !== 'not_found') granted(answer)
    return writeDeed(ctx, { entry, address: group.address }, { kind: 'left', people: [entry.number] })
  },
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import type { Group } from './group.ts'
import { GroupDescription, GroupName } from './group-input.ts'
import { reachOwnGroup } from './require-group.ts'
import { granted } from './road-answer.ts'
import { writeDeed } from './write-deed.ts'

export const updateGroup = operation({
  name: 'groups.update',
  does: 'Change the name, the description or the rules of a group.',
  needs: 'groups:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none',
  input: z.strictObject({
    groupId: z.uuid(),
    name: GroupName.optional(),
    description: GroupDescription.optional().describe("'' takes it away"),
    onlyAdminsWrite: z.boolean().optional(),
    onlyAdminsEdit: z.boolean().optional().describe('Name, description and picture'),
  }),
  async run(ctx, { groupId, ...edit }): Promise<Group> {
    const { group, entry, road } = await reachOwnGroup(ctx, groupId)
    granted(await road.update(entry, group.address, edit))
    return writeDeed(ctx, { entry, address: group.address }, { kind: 'changed', ...edit })
  },
})

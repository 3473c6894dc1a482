import { z } from 'zod'
import { operation } from '#kit/operation'
import { changeParticipants } from './change-participants.ts'
import type { Group, Refused } from './group.ts'
import { People } from './group-input.ts'
import { readPeople } from './read-people.ts'

export const addParticipants = operation({
  name: 'groups.participants.add',
  does: 'Add up to 256 people to a group. Who is in it already stays; who cannot be added is told.',
  needs: 'groups:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none',
  input: z.strictObject({ groupId: z.uuid(), participants: People }),
  run: async (ctx, { groupId, participants }): Promise<{ group: Group; refused: Refused[] }> =>
    changeParticipants(ctx, groupId, { action: 'add', people: await readPeople(ctx, participants) }),
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import { changeParticipants } from './change-participants.ts'
import type { Group } from './group.ts'
import { Person } from './group-input.ts'
import { requireParticipant } from './require-participant.ts'

export const removeParticipant = operation({
  name: 'groups.participants.remove',
  does: 'Take somebody out of a group.',
  needs: 'groups:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none',
  input: z.strictObject({ groupId: z.uuid(), participant: Person }),
  async run(ctx, { groupId, participant }): Promise<Group> {
    const address = await requireParticipant(ctx, groupId, participant)
    return (await changeParticipants(ctx, groupId, { action: 'remove', people: [address] })).group
  },
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import { changeParticipants } from './change-participants.ts'
import type { Group } from './group.ts'
import { Person } from './group-input.ts'
import { requireParticipant } from './require-participant.ts'

export const setAdmin = operation({
  name: 'groups.participants.set-admin',
  does: 'Make somebody an admin of a group, or a plain member again.',
  needs: 'groups:write',
  mayRefuse: ['invalid', 'not_found', 'conflict', 'channel_closed', 'unsupported', 'unavailable'],
  transaction: 'none',
  input: z.strictObject({ groupId: z.uuid(), participant: Person, isAdmin: z.boolean() }),
  async run(ctx, { groupId, participant, isAdmin }): Promise<Group> {
    const address = await requireParticipant(ctx, groupId, participant)
    return (await changeParticipants(ctx, groupId, { action: isAdmin ? 'promote' : 'demote', people: [address] })).group
  },
})

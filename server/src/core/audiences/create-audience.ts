import { z } from 'zod'
import { newId } from '#kit/ids'
import { operation } from '#kit/operation'
import { insertAudience } from './audience.store.ts'
import type { Audience } from './audience.ts'
import { AudienceName, MEMBERS_AT_ONCE, MemberInput } from './member-input.ts'
import { placeMembers, readAllMembers } from './place-members.ts'

export const createAudience = operation({
  name: 'audiences.create',
  does: 'Make a list of people to send to, with up to 1,000 of them at once. Who stands in it twice is taken once.',
  needs: 'audiences:write',
  mayRefuse: ['invalid'],
  input: z.strictObject({ name: AudienceName, members: z.array(MemberInput).max(MEMBERS_AT_ONCE).default([]) }),
  async run(ctx, { name, members }): Promise<Audience> {
    const people = await readAllMembers(ctx, members)
    return placeMembers(ctx, await insertAudience(ctx.db, { id: newId(), workspaceId: ctx.workspaceId, name }), people)
  },
})

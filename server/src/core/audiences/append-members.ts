import { z } from 'zod'
import type { Context } from '#kit/context'
import type { Issue } from '#kit/errors'
import { operation } from '#kit/operation'
import type { NewMember } from './member.store.ts'
import { MEMBERS_AT_ONCE, MemberInput } from './member-input.ts'
import { placeMembers, readAllMembers, readMembers } from './place-members.ts'
import { holdAudience } from './require-audience.ts'

type Appended = { added: number; skipped: number; memberCount: number }

const Members = z.strictObject({ audienceId: z.uuid(), members: z.array(MemberInput).min(1).max(MEMBERS_AT_ONCE) })

export const appendMembers = operation({
  name: 'audiences.members.append',
  does: 'Add up to 1,000 people to an audience: all or, when an address is wrong, none. Who is in it already is skipped and keeps his variables.',
  needs: 'audiences:write',
  mayRefuse: ['invalid', 'not_found'],
  input: Members,
  run: async (ctx, { audienceId, members }): Promise<Appended> => append(ctx, audienceId, await readAllMembers(ctx, members)),
})

export const importMembers = operation({
  name: 'audiences.members.import',
  does: 'Add the people of a CSV file to an audience: a wrong line is told and left out, the others are added. Sent again, it adds nobody twice.',
  needs: 'audiences:write',
  mayRefuse: ['invalid', 'not_found'],
  input: Members,
  async run(ctx, { audienceId, members }): Promise<Appended & { wrong: Issue[] }> {
    const { members: people, wrong } = await readMembers(ctx, members)
    return { ...(await append(ctx, audienceId, people)), wrong }
  },
})

async function append(ctx: Context, audienceId: string, people: readonly NewMember[]): Promise<Appended> {
  const before = await holdAudience(ctx, audienceId)
  const { memberCount } = await placeMembers(ctx, before, people)
  const added = memberCount - before.memberCount
  return { added, skipped: people.length - added, memberCount }
}

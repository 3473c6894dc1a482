import { parseAddress } from '#core/addresses'
import type { Context } from '#kit/context'
import { DomainError, type Issue } from '#kit/errors'
import { newId } from '#kit/ids'
import { updateAudienceRow } from './audience.store.ts'
import type { Audience } from './audience.ts'
import { insertMembers, type NewMember } from './member.store.ts'
import type { MemberInput } from './member-input.ts'

/** Adds people to an audience whose row the caller holds; who is in it already, or stands twice in the list, is left as he was first. */
export async function placeMembers(ctx: Context, audience: Audience, members: readonly NewMember[]): Promise<Audience> {
  const added = members.length === 0 ? 0 : await insertMembers(ctx.db, audience, members)
  if (added === 0) return audience
  return (await updateAudienceRow(ctx.db, { ...audience, memberCount: audience.memberCount + added })) ?? audience
}

/** Who can be added, and every address that is none. */
export async function readMembers(
  ctx: Context,
  inputs: readonly MemberInput[],
  field = 'members',
): Promise<{ members: NewMember[]; wrong: Issue[] }> {
  const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
  const wrong: Issue[] = []
  const members = inputs.flatMap(({ to, variables }, i) => {
    try {
      return [{ id: newId(), address: parseAddress(to, defaultCountry, `${field}.${i}.to`).address, variables }]
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      wrong.push(...error.issues)
      return []
    }
  })
  return { members, wrong }
}

/** All of them, or none. Throws `invalid` with every address that is none. */
export async function readAllMembers(ctx: Context, inputs: readonly MemberInput[], field?: string): Promise<NewMember[]> {
  const { members, wrong } = await readMembers(ctx, inputs, field)
  if (wrong.length === 0) return members
  throw new DomainError('invalid', wrong.length === 1 ? 'One address is wrong' : `${wrong.length} addresses are wrong`, { issues: wrong })
}

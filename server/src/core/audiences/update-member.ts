import { z } from 'zod'
import { parseAddress } from '#core/addresses'
import { DomainError, notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import type { Member } from './audience.ts'
import { findMember, findMemberAt, updateMemberRow } from './member.store.ts'
import { MemberInput, Variables } from './member-input.ts'
import { holdAudience } from './require-audience.ts'

export const updateMember = operation({
  name: 'audiences.members.update',
  does: 'Change the address or the variables of one who is in an audience; variables are replaced as a whole.',
  needs: 'audiences:write',
  mayRefuse: ['invalid', 'not_found', 'conflict'],
  input: z.strictObject({
    audienceId: z.uuid(),
    memberId: z.uuid(),
    to: MemberInput.shape.to.optional(),
    variables: Variables.optional(),
  }),
  async run(ctx, { audienceId, memberId, to, variables }): Promise<Member> {
    const audience = await holdAudience(ctx, audienceId)
    const member = await findMember(ctx.db, audience, memberId)
    if (!member) throw notFound('member')
    const { defaultCountry } = await ctx.ports.workspaces.get(ctx.workspaceId)
    const address = to === undefined ? member.address : parseAddress(to, defaultCountry).address
    if (address !== member.address && (await findMemberAt(ctx.db, audience, address))) {
      throw new DomainError('conflict', 'Somebody in this audience has that address', {
        issues: [{ path: 'to', code: 'custom', message: 'is taken' }],
      })
    }
    const changed = { ...member, address, variables: variables ?? member.variables }
    await updateMemberRow(ctx.db, audience, changed)
    return changed
  },
})

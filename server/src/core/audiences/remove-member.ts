import { z } from 'zod'
import { notFound } from '#kit/errors'
import { operation } from '#kit/operation'
import { updateAudienceRow } from './audience.store.ts'
import { deleteMember } from './member.store.ts'
import { holdAudience } from './require-audience.ts'

export const removeMember = operation({
  name: 'audiences.members.remove',
  does: 'Take one out of an audience.',
  needs: 'audiences:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ audienceId: z.uuid(), memberId: z.uuid() }),
  async run(ctx, { audienceId, memberId }): Promise<void> {
    const audience = await holdAudience(ctx, audienceId)
    if (!(await deleteMember(ctx.db, audience, memberId))) throw notFound('member')
    await updateAudienceRow(ctx.db, { ...audience, memberCount: audience.memberCount - 1 })
  },
})

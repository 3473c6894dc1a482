import { z } from 'zod'
import { DomainError } from '#kit/errors'
import { operation } from '#kit/operation'
import { hideAudience, isInUse } from './audience.store.ts'
import { holdAudience } from './require-audience.ts'

export const deleteAudience = operation({
  name: 'audiences.delete',
  does: 'Take an audience away. It is seen no more; the people themselves, as contacts, stay. While a campaign that has not ended uses it, it cannot go.',
  needs: 'audiences:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({ audienceId: z.uuid() }),
  async run(ctx, { audienceId }): Promise<void> {
    const audience = await holdAudience(ctx, audienceId)
    if (await isInUse(ctx.db, audience)) throw new DomainError('conflict', 'A campaign that has not ended uses this audience')
    await hideAudience(ctx.db, audience)
  },
})

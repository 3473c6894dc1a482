import { z } from 'zod'
import { operation } from '#kit/operation'
import { hideAudience } from './audience.store.ts'
import { holdAudience } from './require-audience.ts'

export const deleteAudience = operation({
  name: 'audiences.delete',
  does: 'Take an audience away. It is seen no more; the people themselves, as contacts, stay.',
  needs: 'audiences:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ audienceId: z.uuid() }),
  async run(ctx, { audienceId }): Promise<void> {
    await hideAudience(ctx.db, await holdAudience(ctx, audienceId))
  },
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import { updateAudienceRow } from './audience.store.ts'
import type { Audience } from './audience.ts'
import { AudienceName } from './member-input.ts'
import { holdAudience } from './require-audience.ts'

export const updateAudience = operation({
  name: 'audiences.update',
  does: 'Give an audience another name.',
  needs: 'audiences:write',
  mayRefuse: ['not_found'],
  input: z.strictObject({ audienceId: z.uuid(), name: AudienceName }),
  async run(ctx, { audienceId, name }): Promise<Audience> {
    const audience = await holdAudience(ctx, audienceId)
    return (await updateAudienceRow(ctx.db, { ...audience, name })) ?? audience
  },
})

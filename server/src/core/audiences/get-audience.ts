import { z } from 'zod'
import { operation } from '#kit/operation'
import type { Audience } from './audience.ts'
import { requireAudience } from './require-audience.ts'

export const getAudience = operation({
  name: 'audiences.get',
  does: 'One audience: its name and how many are in it.',
  needs: 'audiences:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ audienceId: z.uuid() }),
  run: (ctx, { audienceId }): Promise<Audience> => requireAudience(ctx, audienceId),
})

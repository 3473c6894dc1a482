import { z } from 'zod'
import { requireRoomToWait } from '#core/messages'
import { operation, raise } from '#kit/operation'
import { goOn } from './go-on.ts'
import type { Recurrence } from './recurrence.ts'
import { holdLive } from './require-recurrence.ts'

export const resumeRecurrence = operation({
  name: 'recurrences.resume',
  does: 'Go on with a paused recurrence: what would have been sent in between is not sent.',
  needs: 'messages:write',
  mayRefuse: ['not_found', 'conflict', 'plan_limit'],
  input: z.strictObject({ recurrenceId: z.uuid() }),
  async run(ctx, { recurrenceId }): Promise<Recurrence> {
    const recurrence = await holdLive(ctx, recurrenceId)
    if (recurrence.state === 'active') return recurrence
    await requireRoomToWait(ctx, 'rule')
    raise(ctx, 'recurrence.resumed', { recurrenceId })
    return goOn(ctx, { ...recurrence, state: 'active' })
  },
})

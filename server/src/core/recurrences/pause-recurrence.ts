import { z } from 'zod'
import { operation, raise } from '#kit/operation'
import { saveRecurrence } from './recurrence.store.ts'
import type { Recurrence } from './recurrence.ts'
import { holdLive } from './require-recurrence.ts'

export const pauseRecurrence = operation({
  name: 'recurrences.pause',
  does: 'Make no more messages until it is resumed. Once this answers, none is made.',
  needs: 'messages:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({ recurrenceId: z.uuid() }),
  async run(ctx, { recurrenceId }): Promise<Recurrence> {
    const recurrence = await holdLive(ctx, recurrenceId)
    if (recurrence.state === 'paused') return recurrence
    raise(ctx, 'recurrence.paused', { recurrenceId })
    return saveRecurrence(ctx.db, { ...recurrence, state: 'paused', nextOccurrence: undefined, nextAt: undefined })
  },
})

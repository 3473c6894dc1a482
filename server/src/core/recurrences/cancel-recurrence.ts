import { z } from 'zod'
import { operation, raise } from '#kit/operation'
import { saveRecurrence } from './recurrence.store.ts'
import type { Recurrence } from './recurrence.ts'
import { holdLive, holdRecurrence } from './require-recurrence.ts'

export const cancelRecurrence = operation({
  name: 'recurrences.cancel',
  does: 'End a recurrence: no more messages are made. One that is made already is cancelled by itself.',
  needs: 'messages:write',
  mayRefuse: ['not_found', 'conflict'],
  input: z.strictObject({ recurrenceId: z.uuid() }),
  async run(ctx, { recurrenceId }): Promise<Recurrence> {
    const recurrence = await holdRecurrence(ctx, recurrenceId)
    if (recurrence.state === 'cancelled') return recurrence
    await holdLive(ctx, recurrenceId)
    raise(ctx, 'recurrence.cancelled', { recurrenceId })
    return saveRecurrence(ctx.db, {
      ...recurrence,
      state: 'cancelled',
      nextOccurrence: undefined,
      nextAt: undefined,
      endedAt: ctx.now(),
    })
  },
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import { openCalendar } from './calendar.ts'
import { findChanges } from './change.store.ts'
import { isLive, type Occurrence, type Recurrence } from './recurrence.ts'
import { requireRecurrence } from './require-recurrence.ts'
import { listOccurrences } from './upcoming.ts'

export const getRecurrence = operation({
  name: 'recurrences.get',
  does: 'One recurrence, with its next occurrences.',
  needs: 'messages:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ recurrenceId: z.uuid(), occurrences: z.int().min(0).max(100).default(10) }),
  async run(ctx, { recurrenceId, occurrences: most }): Promise<{ recurrence: Recurrence; occurrences: Occurrence[] }> {
    const recurrence = await requireRecurrence(ctx, recurrenceId)
    if (!isLive(recurrence.state)) return { recurrence, occurrences: [] }
    const after = recurrence.state === 'paused' ? ctx.now() : justBefore(recurrence.nextOccurrence ?? ctx.now())
    const [calendar, changes] = [await openCalendar(recurrence), await findChanges(ctx.db, recurrence)]
    return { recurrence, occurrences: listOccurrences(calendar, changes, { after, most }) }
  },
})

const justBefore = (at: Date) => new Date(at.getTime() - 1)

import type { Context } from '#kit/context'
import { raise } from '#kit/operation'
import { type Calendar, openCalendar } from './calendar.ts'
import { findChanges } from './change.store.ts'
import { saveRecurrence } from './recurrence.store.ts'
import type { Occurrence, Recurrence } from './recurrence.ts'
import { type Changes, nextOccurrence, occurrenceAt } from './upcoming.ts'

/** Sets a held, active recurrence to the first occurrence that leaves after now; without one it has come to its end. */
export async function goOn(ctx: Context, recurrence: Recurrence): Promise<Recurrence> {
  const changes = await findChanges(ctx.db, recurrence)
  const next = firstToLeave(recurrence, { calendar: await openCalendar(recurrence), changes, now: ctx.now() })
  if (!next) raise(ctx, 'recurrence.completed', { recurrenceId: recurrence.id })
  return saveRecurrence(ctx.db, {
    ...recurrence,
    nextOccurrence: next?.occurrence,
    nextAt: next?.sendAt,
    ...(!next && { state: 'completed', endedAt: ctx.now() }),
  })
}

type Facts = { calendar: Calendar; changes: Changes; now: Date }

function firstToLeave({ handledThrough }: Recurrence, { calendar, changes, now }: Facts): Occurrence | undefined {
  const handled = handledThrough ?? new Date(0)
  const movedOn = [...changes.values()].find(
    ({ occurrence, sendAt, skipped }) => !skipped && sendAt && sendAt > now && occurrence <= now && occurrence > handled,
  )
  if (movedOn) return occurrenceAt(changes, movedOn.occurrence)
  let next = nextOccurrence(calendar, changes, handled > now ? handled : now)
  while (next && next.sendAt <= now) next = nextOccurrence(calendar, changes, next.occurrence) // moved to a time that is over
  return next
}

import type { Calendar } from './calendar.ts'
import type { Occurrence, Recurrence } from './recurrence.ts'
import { type Changes, nextOccurrence, occurrenceAt } from './upcoming.ts'

/** What is to be done with a recurrence whose time has come. */
export type Turn = {
  /** The one whose message is made. */
  send: Occurrence | undefined
  /** Those whose time passed while nobody looked, in order. */
  missed: Occurrence[]
  handledThrough: Date
  next: Occurrence | undefined
}

/** How many missed ones are passed in one turn; a longer absence takes several. */
const MISSED_MOST = 500

type Facts = { calendar: Calendar; changes: Changes; now: Date; mayBeLateMs: number }

/** Of all that are due only the last is sent, and only while it is not too late: after an absence nobody gets a heap of old messages. */
export function planTurn(recurrence: Recurrence, { calendar, changes, now, mayBeLateMs }: Facts): Turn | undefined {
  const { nextOccurrence: first, nextAt } = recurrence
  if (!first || !nextAt || nextAt > now) return undefined
  const silentUntil = recurrence.silentUntil ?? new Date(0)
  const missed: Occurrence[] = []
  for (let one: Occurrence | undefined = occurrenceAt(changes, first); one; ) {
    const next = nextOccurrence(calendar, changes, one.occurrence)
    const isLast = !next || next.sendAt > now
    const inTime = now.getTime() - one.sendAt.getTime() <= mayBeLateMs && one.sendAt > silentUntil
    if (isLast && inTime) return { send: one, missed, handledThrough: one.occurrence, next }
    missed.push(one)
    if (isLast || missed.length === MISSED_MOST) return { send: undefined, missed, handledThrough: one.occurrence, next }
    one = next
  }
  return undefined
}

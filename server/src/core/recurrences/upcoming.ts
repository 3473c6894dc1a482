import type { Calendar } from './calendar.ts'
import type { Occurrence, OccurrenceChange } from './recurrence.ts'

/** By their occurrence in milliseconds. */
export type Changes = ReadonlyMap<number, OccurrenceChange>

/** The first occurrence after this one that is not skipped. */
export function nextOccurrence(calendar: Calendar, changes: Changes, after: Date): Occurrence | undefined {
  let at = calendar.after(after)
  while (at && changes.get(at.getTime())?.skipped) at = calendar.after(at)
  return at && occurrenceAt(changes, at)
}

/** An occurrence of the rule with what was changed of it. */
export function occurrenceAt(changes: Changes, occurrence: Date): Occurrence {
  const change = changes.get(occurrence.getTime())
  return { occurrence, sendAt: change?.sendAt ?? occurrence, content: change?.content, changed: change !== undefined }
}

/** The next ones, at most so many. */
export function listOccurrences(calendar: Calendar, changes: Changes, { after, most }: { after: Date; most: number }): Occurrence[] {
  const found: Occurrence[] = []
  for (
    let one = nextOccurrence(calendar, changes, after);
    one && found.length < most;
    one = nextOccurrence(calendar, changes, one.occurrence)
  )
    found.push(one)
  return found
}

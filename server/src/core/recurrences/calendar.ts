import type { RRuleTemporal as RecurrenceRule } from 'rrule-temporal'
import { readRule, type Until } from './read-rule.ts'
import type { Series } from './recurrence.ts'

/** The occurrences of a series as instants, each once and in order. */
export interface Calendar {
  /** The first one after this time; undefined when there is none. */
  after(at: Date): Date | undefined
  /** The last one before this time. */
  before(at: Date): Date | undefined
}

/** How far a search for a rule's next time goes before it counts as having none: a leap day is found, 30 February is given up in milliseconds. */
const ITERATIONS_MOST = 4_000
const EVALUATIONS_MOST = 100_000
/** Nothing recurs in a more distant time. */
const END = new Date('2200-01-01T00:00:00Z')

/** Throws `invalid` on a rule that is none. What it needs is loaded when the first calendar is opened: nobody pays for it who has no recurrences. */
export async function openCalendar({ rule: source, startsAt, timeZone }: Series): Promise<Calendar> {
  const [{ RRuleTemporal }, { Temporal }] = await Promise.all([import('rrule-temporal'), import('temporal-polyfill')])
  const { evaluated, until } = readRule(source)
  // in local time every day has 24 hours: the zone comes in afterwards, so that a change of the clocks takes no occurrence away
  const rule = new RRuleTemporal({
    rruleString: evaluated,
    dtstart: Temporal.ZonedDateTime.from(`${startsAt}[UTC]`),
    maxIterations: ITERATIONS_MOST,
    maxCandidateEvaluations: EVALUATIONS_MOST,
  })
  const zone = {
    toLocal(at: Date): Date {
      return new Date(`${Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDateTime()}Z`)
    },
    /** A time that the clocks leave out is as much later as they were moved; of one that comes twice, the first. */
    toInstant(local: Date): { at: Date; leftOut: boolean } {
      const plain = Temporal.PlainDateTime.from(local.toISOString().slice(0, -1))
      const zoned = plain.toZonedDateTime(timeZone, { disambiguation: 'compatible' })
      return { at: new Date(zoned.epochMilliseconds), leftOut: !zoned.toPlainDateTime().equals(plain) }
    },
    /** The local time that the last change of the clocks left out, if it was within a day. */
    lastLeftOut(at: Date): Date | undefined {
      const changed = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).getTimeZoneTransition('previous')
      if (!changed || at.getTime() - changed.epochMilliseconds > DAY_MS) return undefined
      const before = changed.subtract({ nanoseconds: 1 })
      return before.offsetNanoseconds < changed.offsetNanoseconds ? new Date(`${before.toPlainDateTime()}Z`) : undefined
    },
  }
  return searchIn(rule, zone, until === undefined ? END : endOf(until, zone))
}

const DAY_MS = 26 * 3_600_000

type Zone = { toLocal(at: Date): Date; toInstant(local: Date): { at: Date; leftOut: boolean }; lastLeftOut(at: Date): Date | undefined }

function searchIn(rule: Pick<RecurrenceRule, 'next' | 'previous'>, zone: Zone, end: Date): Calendar {
  const look = (search: () => { epochMilliseconds: number } | null): Date | undefined => {
    const found = withinBounds(search)
    return found ? new Date(found.epochMilliseconds) : undefined
  }
  const nextLocal = (local: Date) => look(() => rule.next(local))
  const after = (at: Date): Date | undefined => {
    const local = zone.toLocal(at)
    const leftOut = zone.lastLeftOut(at)
    let best: Date | undefined
    for (let one = nextLocal(leftOut && leftOut < local ? leftOut : local); one && one < END; one = nextLocal(one)) {
      const found = zone.toInstant(one)
      if (found.at <= at) continue
      if (best === undefined || found.at < best) best = found.at
      if (!found.leftOut) break // those behind a time that was left out may come before it
    }
    return best && best <= end ? best : undefined
  }
  const before = (at: Date): Date | undefined => {
    let one = look(() => rule.previous(zone.toLocal(at)))
    while (one && zone.toInstant(one).at >= at) one = before(one)
    let found = one && zone.toInstant(one).at
    for (let next = found && after(found); next && next < at; next = after(next)) found = next
    return found
    function before(local: Date) {
      return look(() => rule.previous(local))
    }
  }
  return { after, before }
}

/** A search that was given up found nothing. */
function withinBounds<Found>(search: () => Found | null): Found | null {
  try {
    return search()
  } catch (error) {
    if (error instanceof Error && /exceeded/i.test(error.message)) return null
    throw error
  }
}

/** The last instant of a rule's UNTIL: a day ends with itself, a time without Z is local. */
function endOf(until: Until, zone: Zone): Date {
  const [, year, month, day, time] = /^(\d{4})(\d\d)(\d\d)(?:T(\d{6})Z?)?$/.exec(until) ?? []
  const clock = time ? time.replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3') : '23:59:59'
  const at = new Date(`${year}-${month}-${day}T${clock}Z`)
  return until.endsWith('Z') || Number.isNaN(at.getTime()) ? at : zone.toInstant(at).at
}

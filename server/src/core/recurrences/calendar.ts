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
  const zoned = (at: number) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
  const zone: Zone = {
    toLocal: (at) => new Date(at.getTime() + zoned(at.getTime()).offsetNanoseconds / 1e6),
    toInstant(local) {
      const plain = Temporal.PlainDateTime.from(local.toISOString().slice(0, -1))
      const shown = plain.toZonedDateTime(timeZone, { disambiguation: 'compatible' })
      return { at: new Date(shown.epochMilliseconds), leftOut: !shown.toPlainDateTime().equals(plain) }
    },
    leftOutMs(at) {
      const [before, now] = [zoned(at.getTime() - LEFT_OUT_MOST_MS), zoned(at.getTime())]
      return Math.max(0, (now.offsetNanoseconds - before.offsetNanoseconds) / 1e6)
    },
  }
  return searchIn(rule, zone, until === undefined ? END : endOf(until, zone))
}

/** The clocks of an island that crossed the date line left out a whole day: nothing left out more. */
const LEFT_OUT_MOST_MS = 26 * 3_600_000

interface Zone {
  toLocal(at: Date): Date
  /** A time that the clocks leave out is as much later as they were moved; of one that comes twice, the first. */
  toInstant(local: Date): { at: Date; leftOut: boolean }
  /** How much the clocks left out just before this time. */
  leftOutMs(at: Date): number
}

function searchIn(rule: Pick<RecurrenceRule, 'next' | 'previous'>, zone: Zone, end: Date): Calendar {
  const look = (search: () => { epochMilliseconds: number } | null): Date | undefined => {
    const found = withinBounds(search)
    return found ? new Date(found.epochMilliseconds) : undefined
  }
  const nextLocal = (local: Date) => look(() => rule.next(local))
  const after = (at: Date): Date | undefined => {
    // what was left out until now comes later by as much: from there on it may still be ahead
    const from = new Date(zone.toLocal(at).getTime() - zone.leftOutMs(at))
    let best: Date | undefined
    for (let one = nextLocal(from); one && one < END; one = nextLocal(one)) {
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

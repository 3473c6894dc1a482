import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { fromWall, toWall } from '#kit/time-zones'
import type { QuietHours } from './campaign.ts'

const DAY_MS = 86_400_000
const STEP_MS = 5 * 60_000
const JITTER_MS = 15 * 60_000
const QUIET_AHEAD_MS = 2 * DAY_MS
const HOURS_AHEAD_MS = 8 * DAY_MS // one day of the week may be all there is
/** Where a day begins first: UTC+14. */
const EASTERNMOST_MS = 14 * 3_600_000

/** Where a person's clock may stand: his own zone when it is known, else every zone of his number's country, else the workspace's. */
export function zonesOf({ timeZone, address }: { timeZone: string | undefined; address: string }, fallback: string): readonly string[] {
  if (timeZone !== undefined) return [timeZone]
  const country = address.startsWith('+') ? parsePhoneNumberFromString(address)?.country : undefined
  return (country && zonesOfCountry(country)) ?? [fallback]
}

const countries = new Map<string, readonly string[] | undefined>()

function zonesOfCountry(country: string): readonly string[] | undefined {
  if (!countries.has(country)) {
    // newer than TypeScript's own picture of Intl
    const locale = new Intl.Locale('und', { region: country }) as Intl.Locale & { getTimeZones?(): string[] | undefined }
    const zones = locale.getTimeZones?.()
    countries.set(country, zones && zones.length > 0 ? zones : undefined)
  }
  return countries.get(country)
}

/** When a campaign must begin its work so that nobody's local time is missed. */
export function beginningOf(startAt: Date, zone: 'sender' | 'recipient', timeZone: string): Date {
  return zone === 'sender' ? startAt : new Date(toWall(startAt.getTime(), timeZone) - EASTERNMOST_MS)
}

/** The moment at which it is `startAt`, as clocks of `timeZone` show it, for somebody in all of these zones. */
export function localStart(startAt: Date, timeZone: string, zones: readonly string[]): Date {
  const wall = toWall(startAt.getTime(), timeZone)
  return new Date(Math.max(...zones.map((zone) => fromWall(wall, zone))))
}

/** The first moment from `at` on that is quiet in none of the zones; where there is none within two days, in the first of them. */
export const outOfQuiet = (quiet: QuietHours, zones: readonly string[], at: Date): Date =>
  firstFree({ isQuiet: quietWithin(quiet), lookAheadMs: QUIET_AHEAD_MS }, zones, at)

/** The first moment from `at` on that lies within these hours of these days (1 is Monday) in all of the zones; where there is none, in the first of them. */
export function withinHours({ from, to, days }: QuietHours & { days: readonly number[] }, zones: readonly string[], at: Date): Date {
  const isNight = quietWithin({ from: to, to: from })
  const isQuiet = (instant: number, zone: string) => isNight(instant, zone) || !days.includes(weekdayAt(instant, zone))
  return firstFree({ isQuiet, lookAheadMs: HOURS_AHEAD_MS }, zones, at)
}

type Quiet = { isQuiet(instant: number, zone: string): boolean; lookAheadMs: number }

function firstFree(quiet: Quiet, zones: readonly string[], at: Date): Date {
  const isFree = (instant: number) => !zones.some((zone) => quiet.isQuiet(instant, zone))
  if (isFree(at.getTime())) return at
  const first = Math.ceil(at.getTime() / STEP_MS) * STEP_MS
  for (let next = first; next < first + quiet.lookAheadMs; next += STEP_MS) if (isFree(next)) return new Date(next)
  return zones.length > 1 ? firstFree(quiet, zones.slice(0, 1), at) : at
}

/** 1 is Monday. */
const weekdayAt = (instant: number, zone: string): number => new Date(instant + offsetAt(instant, zone)).getUTCDay() || 7

/**
 * So that not all of them are written to in the second in which the quiet ends: a moment soon after, the same for the same id. Where it is quiet
 * again by then (`freeFrom` answers a later one), `at` itself.
 */
export function withJitter(at: Date, id: string, freeFrom: (at: Date) => Date): Date {
  const soon = new Date(at.getTime() + (Number.parseInt(id.slice(-8), 16) / 2 ** 32) * JITTER_MS)
  return freeFrom(soon) > soon ? at : soon
}

/** Answers for an instant and a zone; remembers offsets by the quarter of an hour, which is as often as any zone changes. */
function quietWithin({ from, to }: QuietHours): (instant: number, zone: string) => boolean {
  const [start, end] = [minutesOf(from), minutesOf(to)]
  return (instant, zone) => {
    const minute = Math.floor(((((instant + offsetAt(instant, zone)) % DAY_MS) + DAY_MS) % DAY_MS) / 60_000)
    return start <= end ? minute >= start && minute < end : minute >= start || minute < end
  }
}

const OFFSETS_MOST = 50_000
const offsets = new Map<string, number>()

function offsetAt(instant: number, zone: string): number {
  const quarter = Math.floor(instant / 900_000)
  const key = `${zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  if (offsets.size >= OFFSETS_MOST) offsets.clear()
  const offset = toWall(quarter * 900_000, zone) - quarter * 900_000
  offsets.set(key, offset)
  return offset
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

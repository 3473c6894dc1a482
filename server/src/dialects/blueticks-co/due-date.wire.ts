import { invalidField } from '#kit/errors'
import { fromWall } from '#kit/time-zones'

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i
const SOONEST_MS = 10_000
const FARTHEST_MS = 365 * 86_400_000

/** The first API's dueDate -> when to send; undefined: now, for what is past or close. Without a zone it is the workspace's. Throws `invalid`. */
export function dueAt(text: string, { timeZone, now }: { timeZone: string; now: Date }): Date | undefined {
  const at = instantOf(text.trim(), timeZone)
  if (at === undefined) throw invalidField('dueDate', 'must be an ISO date', 'invalid_string')
  const ahead = at.getTime() - now.getTime()
  if (ahead > FARTHEST_MS) throw invalidField('dueDate', 'must be at most 365 days ahead', 'too_big')
  return ahead < SOONEST_MS ? undefined : at
}

function instantOf(text: string, timeZone: string): Date | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = ISO.exec(text) ?? []
  if (year === undefined) return undefined
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.slice(0, 3).padEnd(3, '0')),
  )
  const back = new Date(wall)
  const isReal =
    back.getUTCMonth() + 1 === Number(month) &&
    back.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60
  if (!isReal) return undefined
  return new Date(zone === undefined ? fromWall(wall, timeZone) : wall - offsetOf(zone))
}

/** Milliseconds east of Greenwich. */
function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
}

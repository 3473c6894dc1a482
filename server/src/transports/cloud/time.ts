import { number } from '#kit/lenient'

const YEAR_10000 = 253_402_300_800

/** Seconds since 1970, usually as a text; some fields bring milliseconds. Undefined when it is no time. */
export function toTime(value: unknown): Date | undefined {
  const count = number(value)
  if (count === undefined || count <= 0) return undefined
  const seconds = count >= YEAR_10000 ? count / 1000 : count
  return seconds < YEAR_10000 ? new Date(Math.round(seconds * 1000)) : undefined
}

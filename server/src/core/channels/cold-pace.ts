import type { Pacing } from './pacing.ts'

/** A channel's row of cold_paces at a moment, as the pure rules see it. */
export type ColdPace = {
  channelId: string
  workspaceId: string
  timeZone: string
  /** This day of the workspace's zone, as a date, and when it ends. */
  today: string
  dayEndsAt: Date
  /** Days on which the number was linked, today included. */
  linkedDays: number
  /** Cold messages of today. */
  sent: number
  nextAt: Date | null
  stoppedUntil: Date | null
  stopReason: string | null
  stops: number
  judgedFrom: Date
  callsAt: Date | null
}

/** How a number stands with people who never wrote to it, as it is shown. */
export type ColdStanding = {
  allowedToday: number
  sentToday: number
  /** When the next may leave as far as the number is concerned; undefined: now. */
  nextAt: Date | undefined
  stoppedUntil: Date | undefined
  stopReason: string | undefined
}

const HOUR_MS = 3_600_000
const CLEAN_MS = 7 * 24 * HOUR_MS
const STOP_MOST_MS = 8 * 24 * HOUR_MS

/** How many cold messages a number may send on its so-manieth linked day. */
export function allowedOn(linkedDay: number, { firstDay, growthPercent, mostPerDay }: Pacing): number {
  return Math.min(mostPerDay, Math.floor(firstDay * (1 + growthPercent / 100) ** (linkedDay - 1)))
}

/** From when on the number may send its next cold message, whoever it is for; in the past: now. */
export function opensAt(pace: Pick<ColdPace, 'linkedDays' | 'sent' | 'nextAt' | 'stoppedUntil' | 'dayEndsAt'>, pacing: Pacing): Date {
  const isUsedUp = pace.sent >= allowedOn(pace.linkedDays, pacing)
  return new Date(Math.max(pace.nextAt?.getTime() ?? 0, pace.stoppedUntil?.getTime() ?? 0, isUsedUp ? pace.dayEndsAt.getTime() : 0))
}

/** The pace after a stop: each further one is twice as long, until a week went well. One that is stopped stays as it is. */
export function stopped(pace: ColdPace, { reason, coolDownHours }: { reason: string; coolDownHours: number }, now: Date): ColdPace {
  const { stoppedUntil } = pace
  if (stoppedUntil && stoppedUntil > now) return pace
  const isClean = stoppedUntil === null || now.getTime() - stoppedUntil.getTime() >= CLEAN_MS
  const stops = isClean ? 1 : Math.min(pace.stops + 1, 10)
  const until = new Date(now.getTime() + Math.min(coolDownHours * HOUR_MS * 2 ** (stops - 1), STOP_MOST_MS))
  return { ...pace, stops, stopReason: reason, stoppedUntil: until, judgedFrom: until }
}

const ADVICE: Readonly<Record<string, string>> = {
  failures: 'Too many of its messages failed. Check the numbers you write to: those that are not on WhatsApp harm it most.',
  few_replies: 'Too few of the people you wrote to first wrote back. Write to people who expect you, and ask them something.',
}

/** What a person had better do about a stop. */
export const adviceOn = (reason: string): string =>
  ADVICE[reason] ??
  'WhatsApp restricts this number. Wait for the end of the pause, answer those who write to you, and write to fewer new people.'

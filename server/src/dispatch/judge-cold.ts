import { withinHours, withJitter, zonesOf } from '#core/campaigns'
import { type ColdPace, opensAt, type Pacing } from '#core/channels'

/** What the rules for cold contacts say of a message: it may go, it is its channel's turn to wait, or the person's night. */
export type ColdTurn = { is: 'free' } | { is: 'line' } | { is: 'later'; at: Date }

type Person = { id: string; address: string; timeZone: string | null }

/** Whether the first words to somebody may leave now. */
export function judgeCold(pace: ColdPace, pacing: Pacing, { id, address, timeZone }: Person, now: Date): ColdTurn {
  if (opensAt(pace, pacing) > now) return { is: 'line' }
  const zones = zonesOf({ timeZone: timeZone ?? undefined, address }, pace.timeZone)
  const freeFrom = (at: Date) => withinHours(pacing.hours, zones, at)
  const free = freeFrom(now)
  return free > now ? { is: 'later', at: withJitter(free, id, freeFrom) } : { is: 'free' }
}

const PAUSE_SHARE = 0.1
const PAUSE_TIMES = { least: 3, most: 8 }

/** The pace after one has gone: the next one after a gap that is drawn, and now and then a pause. */
export function afterCold(pace: ColdPace, { gapSeconds }: Pacing, now: Date, random: () => number = Math.random): ColdPace {
  const { least, most } = gapSeconds
  const gap = least + (most - least) * random()
  const times = random() < PAUSE_SHARE ? PAUSE_TIMES.least + (PAUSE_TIMES.most - PAUSE_TIMES.least) * random() : 1
  return { ...pace, sent: pace.sent + 1, nextAt: new Date(now.getTime() + gap * times * 1000) }
}

/** Of the last 100 sends that ended, and of the last 50 cold contacts who have had a day to answer. */
export type GuardFigures = { tried: number; failed: number; written: number; replied: number }

/** Fewer say nothing. */
const LEAST = 20

/** Why a number had better stop writing to people it does not know. */
export function judgeGuard(
  { tried, failed, written, replied }: GuardFigures,
  { failurePercent, replyPercent }: Pacing,
): { reason: 'failures' | 'few_replies'; figures: Record<string, number> } | undefined {
  if (tried >= LEAST && (failed / tried) * 100 > failurePercent) return { reason: 'failures', figures: { tried, failed } }
  if (written >= LEAST && (replied / written) * 100 < replyPercent) return { reason: 'few_replies', figures: { written, replied } }
  return undefined
}

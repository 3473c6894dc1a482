import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newId } from '#kit/ids'
import { allowedOn, type ColdPace, opensAt, stopped } from './cold-pace.ts'
import { pacingOf } from './pacing.ts'

const now = new Date('2026-03-02T12:00:00Z')
const HOUR_MS = 3_600_000
const after = (hours: number) => new Date(now.getTime() + hours * HOUR_MS)
const usual = pacingOf({})

const pace = (more: Partial<ColdPace> = {}): ColdPace => ({
  channelId: newId(),
  workspaceId: newId(),
  timeZone: 'UTC',
  today: '2026-03-02',
  dayEndsAt: after(12),
  linkedDays: 1,
  sent: 0,
  nextAt: null,
  stoppedUntil: null,
  stopReason: null,
  stops: 0,
  judgedFrom: after(-100),
  callsAt: null,
  ...more,
})

describe('the ramp', () => {
  test('five on the first day, a quarter more each day, fifty at most', () => {
    expect(Array.from({ length: 13 }, (_, day) => allowedOn(day + 1, usual))).toEqual([5, 6, 7, 9, 12, 15, 19, 23, 29, 37, 46, 50, 50])
    expect(allowedOn(100_000, usual)).toBe(50)
  })
  test('never falls, never passes what is most', () => {
    const wish = fc.record({
      firstDay: fc.integer({ min: 1, max: 1_000 }),
      growthPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      mostPerDay: fc.integer({ min: 1, max: 1_000 }),
    })
    fc.assert(
      fc.property(wish, fc.integer({ min: 1, max: 5_000 }), (pacing, day) => {
        const [today, tomorrow] = [allowedOn(day, pacingOf({ pacing })), allowedOn(day + 1, pacingOf({ pacing }))]
        expect(today).toBeGreaterThanOrEqual(1)
        expect(tomorrow).toBeGreaterThanOrEqual(today)
        expect(tomorrow).toBeLessThanOrEqual(pacing.mostPerDay)
      }),
    )
  })
})

test('the next may go after its gap, after a stop, and on the next day when this one is used up', () => {
  expect(opensAt(pace(), usual) <= now).toBe(true)
  expect(opensAt(pace({ nextAt: after(1) }), usual)).toEqual(after(1))
  expect(opensAt(pace({ nextAt: after(1), stoppedUntil: after(2) }), usual)).toEqual(after(2))
  expect(opensAt(pace({ nextAt: after(1), sent: 5 }), usual)).toEqual(after(12))
  expect(opensAt(pace({ sent: 5, linkedDays: 2 }), usual) <= now).toBe(true)
})

describe('stops', () => {
  const why = { reason: 'failures', coolDownHours: 24 }
  test('each is twice as long as the one before, eight days at most', () => {
    const lengths: number[] = []
    let [at, one] = [now, pace()]
    for (let i = 0; i < 6; i++) {
      one = stopped(one, why, at)
      lengths.push(((one.stoppedUntil?.getTime() ?? 0) - at.getTime()) / HOUR_MS)
      at = new Date((one.stoppedUntil?.getTime() ?? 0) + HOUR_MS)
    }
    expect(lengths).toEqual([24, 48, 96, 192, 192, 192])
  })
  test('a clean week and they begin anew', () => {
    const before = pace({ stops: 3, stoppedUntil: after(-7 * 24), stopReason: 'failures' })
    expect(stopped(before, why, now)).toMatchObject({ stops: 1, stoppedUntil: after(24), judgedFrom: after(24) })
    expect(stopped({ ...before, stoppedUntil: after(-7 * 24 + 1) }, why, now)).toMatchObject({ stops: 4, stoppedUntil: after(192) })
  })
  test('one that is stopped stays as it is', () => {
    const before = pace({ stops: 1, stoppedUntil: after(1), stopReason: 'failures' })
    expect(stopped(before, { ...why, reason: 'few_replies' }, now)).toBe(before)
  })
})

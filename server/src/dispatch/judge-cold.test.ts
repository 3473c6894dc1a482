import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ColdPace, pacingOf } from '#core/channels'
import { newId } from '#kit/ids'
import { afterCold, judgeCold, judgeGuard } from './judge-cold.ts'

const monday = new Date('2026-03-02T12:00:00Z')
const after = (hours: number, from = monday) => new Date(from.getTime() + hours * 3_600_000)
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
const person = (more: { address?: string; timeZone?: string } = {}) => ({ id: newId(), address: '+4930901820', timeZone: null, ...more })

describe('the first words to somebody', () => {
  test('may go by day, wait in line while the number may not, and for the morning of the person', () => {
    expect(judgeCold(pace(), usual, person(), monday)).toEqual({ is: 'free' })
    expect(judgeCold(pace({ sent: 5 }), usual, person(), monday)).toEqual({ is: 'line' })
    expect(judgeCold(pace({ nextAt: after(0.1) }), usual, person(), monday)).toEqual({ is: 'line' })
    expect(judgeCold(pace({ stoppedUntil: after(1) }), usual, person(), monday)).toEqual({ is: 'line' })
  })

  test.each([
    [{ timeZone: 'Asia/Tokyo' }, '2026-03-03T00:00:00Z'], // 21:00 there
    [{ timeZone: 'America/Los_Angeles' }, '2026-03-02T17:00:00Z'], // 4:00 there
    [{ address: '+14155550123' }, '2026-03-02T19:00:00Z'], // from New York to Honolulu
    [{ address: 'somebody.without.number', timeZone: undefined }, undefined], // the workspace's zone
  ])('%j at noon in London: %s', (more, then) => {
    const turn = judgeCold(pace(), usual, person(more as { address?: string }), monday)
    if (then === undefined) return expect(turn).toEqual({ is: 'free' })
    if (turn.is !== 'later') throw new Error(turn.is)
    expect(turn.at.getTime() - new Date(then).getTime()).toBeGreaterThanOrEqual(0)
    expect(turn.at.getTime() - new Date(then).getTime()).toBeLessThan(15 * 60_000)
  })

  test('after Saturday evening comes Monday morning', () => {
    const saturday = new Date('2026-03-07T18:30:00Z') // 19:30 in Berlin
    const turn = judgeCold(pace(), usual, person(), saturday)
    expect(turn.is === 'later' && turn.at.toISOString().slice(0, 13)).toBe('2026-03-09T08')
  })

  test('one day of the week may be all there is', () => {
    const hours = { from: '10:00', to: '11:00', days: [1] }
    const turn = judgeCold(pace(), pacingOf({ pacing: { hours } }), person({ timeZone: 'UTC' }), monday)
    expect(turn.is === 'later' && turn.at.toISOString().slice(0, 13)).toBe('2026-03-09T10')
  })
})

test('hours may be shorter than the quarter of an hour over which people are spread: everybody is written to within them', () => {
  const hours = { from: '10:00', to: '10:05', days: [1, 2, 3, 4, 5, 6, 7] }
  const pacing = pacingOf({ pacing: { hours } })
  for (const last of ['00000000', '40000000', 'ffffffff']) {
    const someone = { ...person({ timeZone: 'UTC' }), id: newId().slice(0, -8) + last }
    const turn = judgeCold(pace(), pacing, someone, monday)
    if (turn.is !== 'later') throw new Error(turn.is)
    expect(judgeCold(pace(), pacing, someone, turn.at)).toEqual({ is: 'free' })
  }
})

test('gaps are drawn from their range, and now and then there is a pause', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }), (first, second) => {
      const draws = [first, second, second]
      const { sent, nextAt } = afterCold(pace({ sent: 2 }), usual, monday, () => draws.shift() ?? 0)
      const gap = ((nextAt?.getTime() ?? 0) - monday.getTime()) / 1_000
      expect(sent).toBe(3)
      expect(gap).toBeGreaterThanOrEqual(45)
      expect(gap).toBeLessThanOrEqual(120 * 8)
      if (second >= 0.1) expect(gap).toBeLessThanOrEqual(120)
      else expect(gap).toBeGreaterThanOrEqual(135)
    }),
  )
})

describe('the guard', () => {
  const good = { tried: 100, failed: 5, written: 50, replied: 10 }
  test.each([
    [good, undefined],
    [{ ...good, failed: 6 }, 'failures'],
    [{ ...good, tried: 19, failed: 19 }, undefined],
    [{ ...good, replied: 9 }, 'few_replies'],
    [{ ...good, written: 19, replied: 0 }, undefined],
    [{ ...good, written: 20, replied: 3 }, 'few_replies'],
  ])('%j: %s', (figures, reason) => expect(judgeGuard(figures, usual)?.reason).toBe(reason))
})

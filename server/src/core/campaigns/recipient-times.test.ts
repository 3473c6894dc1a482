import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { beginningOf, localStart, outOfQuiet, withJitter, zonesOf } from './recipient-times.ts'

const at = (text: string) => new Date(text)
const NIGHT = { from: '21:00', to: '08:00' }

describe('where a clock stands', () => {
  test('his own zone, else the zones of his country, else that of the workspace', () => {
    expect(zonesOf({ timeZone: 'Asia/Tokyo', address: '+14155550123' }, 'UTC')).toEqual(['Asia/Tokyo'])
    expect(zonesOf({ timeZone: undefined, address: '+4930901820' }, 'UTC')).toContain('Europe/Berlin')
    expect(zonesOf({ timeZone: undefined, address: '+14155550123' }, 'UTC').length).toBeGreaterThan(4)
    expect(zonesOf({ timeZone: undefined, address: '120363000000000000@g.us' }, 'America/Lima')).toEqual(['America/Lima'])
  })
})

describe('the same time of day for each', () => {
  test('nine in Lima is nine in Tokyo, half a day before', () => {
    const startAt = at('2026-12-01T14:00:00Z') // 9:00 in Lima
    expect(localStart(startAt, 'America/Lima', ['Asia/Tokyo'])).toEqual(at('2026-12-01T00:00:00Z'))
    expect(localStart(startAt, 'America/Lima', ['America/New_York', 'America/Los_Angeles'])).toEqual(at('2026-12-01T17:00:00Z'))
  })
  test('the work begins before it is that time anywhere', () => {
    const startAt = at('2026-12-01T14:00:00Z')
    expect(beginningOf(startAt, 'recipient', 'America/Lima')).toEqual(at('2026-11-30T19:00:00Z'))
    expect(beginningOf(startAt, 'sender', 'America/Lima')).toEqual(startAt)
  })
})

describe('quiet hours', () => {
  test.each([
    ['2026-12-01T12:00:00Z', ['Europe/Berlin'], '2026-12-01T12:00:00Z'], // 13:00 there
    ['2026-12-01T20:00:00Z', ['Europe/Berlin'], '2026-12-02T07:00:00Z'], // from 21:00 till 8:00
    ['2026-12-01T06:59:00Z', ['Europe/Berlin'], '2026-12-01T07:00:00Z'],
    ['2026-12-01T13:30:00Z', ['America/New_York', 'America/Los_Angeles'], '2026-12-01T16:00:00Z'], // until it is morning in both
    ['2026-10-24T22:00:00Z', ['Europe/Berlin'], '2026-10-25T07:00:00Z'], // the night has an hour more
    ['2026-12-01T22:00:00Z', ['Asia/Kathmandu'], '2026-12-02T02:15:00Z'], // 5:45 ahead
  ])('%s in %j: %s', (now, zones, then) => expect(outOfQuiet(NIGHT, zones, at(now))).toEqual(at(then)))

  test('where somebody always sleeps, the first zone decides', () => {
    const zones = ['Europe/London', 'Asia/Tokyo', 'America/Los_Angeles']
    expect(outOfQuiet({ from: '12:00', to: '11:00' }, zones, at('2026-12-01T20:00:00Z'))).toEqual(at('2026-12-02T11:00:00Z'))
  })

  test('never earlier than asked, never at night, and soon', () => {
    const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu', 'UTC')
    fc.assert(
      fc.property(
        time,
        time,
        zone,
        fc.date({ min: at('2026-01-01'), max: at('2028-01-01'), noInvalidDate: true }),
        (from, to, timeZone, now) => {
          fc.pre(from !== to)
          const free = outOfQuiet({ from, to }, [timeZone], now)
          expect(free.getTime()).toBeGreaterThanOrEqual(now.getTime())
          expect(free.getTime() - now.getTime()).toBeLessThan(26 * 3_600_000)
          const shown = free.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
          const isQuiet = from < to ? shown >= from && shown < to : shown >= from || shown < to
          // a gap of minutes between quiet and quiet may lie between two looks
          const gap = (minutes(from) - minutes(to) + 1_440) % 1_440
          if (gap >= 65) expect({ shown, isQuiet }).toEqual({ shown, isQuiet: false })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a jitter within a quarter of an hour, always the same for one', () => {
    const eight = at('2026-12-01T08:00:00Z')
    const [low, high] = ['0192f3a4-5b6c-7d8e-9f00-000000000000', '0192f3a4-5b6c-7d8e-9f00-0000ffffffff']
    const always = (from: Date) => from
    expect(withJitter(eight, low, always)).toEqual(eight)
    expect(withJitter(eight, high, always).getTime() - eight.getTime()).toBeGreaterThan(14 * 60_000)
    expect(withJitter(eight, high, always).getTime() - eight.getTime()).toBeLessThanOrEqual(15 * 60_000)
    const tenMinutes = (from: Date) => outOfQuiet({ from: '08:10', to: '08:00' }, ['UTC'], from)
    expect(withJitter(eight, high, tenMinutes)).toEqual(eight)
  })
})

const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openCalendar } from './calendar.ts'
import type { Series } from './recurrence.ts'

const utc = (text: string) => new Date(text)

/** The first occurrences after a time, as instants. */
async function times(series: Series, after: string, most = 5): Promise<string[]> {
  const calendar = await openCalendar(series)
  const found: string[] = []
  for (let at = calendar.after(utc(after)); at && found.length < most; at = calendar.after(at)) found.push(at.toISOString().slice(0, 16))
  return found
}

const daily = (startsAt: string, timeZone: string, rule = 'FREQ=DAILY') => ({ rule, startsAt, timeZone })

describe('when the clocks change', () => {
  test('a daily time stays the same time of day', async () => {
    expect(await times(daily('2026-01-01T09:00:00', 'America/New_York'), '2026-03-07T00:00:00Z', 3)).toEqual([
      '2026-03-07T14:00',
      '2026-03-08T13:00',
      '2026-03-09T13:00',
    ])
    expect(await times(daily('2026-01-01T09:00:00', 'Europe/Berlin'), '2026-10-24T00:00:00Z', 3)).toEqual([
      '2026-10-24T07:00',
      '2026-10-25T08:00',
      '2026-10-26T08:00',
    ])
  })

  test.each([
    ['America/New_York', '2026-03-07T02:30:00', ['2026-03-07T07:30', '2026-03-08T07:30', '2026-03-09T06:30']],
    ['Europe/Berlin', '2026-03-28T02:30:00', ['2026-03-28T01:30', '2026-03-29T01:30', '2026-03-30T00:30']],
    ['Australia/Lord_Howe', '2026-10-03T02:15:00', ['2026-10-02T15:45', '2026-10-03T15:45', '2026-10-04T15:15']],
    ['Africa/Casablanca', '2026-03-21T02:30:00', ['2026-03-21T02:30', '2026-03-22T02:30', '2026-03-23T01:30']],
  ])('a time that is left out comes as much later, once: %s', async (timeZone, startsAt, wanted) => {
    expect(await times(daily(startsAt, timeZone), '2026-01-01T00:00:00Z', 3)).toEqual(wanted)
  })

  test.each([
    ['America/New_York', '2026-10-31T01:30:00', ['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-02T06:30']],
    ['Europe/Berlin', '2026-10-24T02:30:00', ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']],
    ['Australia/Lord_Howe', '2026-04-04T01:45:00', ['2026-04-03T14:45', '2026-04-04T14:45', '2026-04-05T15:15']],
    ['Africa/Casablanca', '2026-02-14T02:30:00', ['2026-02-14T01:30', '2026-02-15T01:30', '2026-02-16T02:30']],
  ])('a time that comes twice is taken the first time: %s', async (timeZone, startsAt, wanted) => {
    expect(await times(daily(startsAt, timeZone), '2026-01-01T00:00:00Z', 3)).toEqual(wanted)
  })

  test('times that fall together are one, and none of those behind them is lost', async () => {
    const halfHours = daily('2026-03-29T00:00:00', 'Europe/Berlin', 'FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30')
    expect(await times(halfHours, '2026-03-28T23:30:00Z', 5)).toEqual([
      '2026-03-29T00:00',
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
      '2026-03-29T23:00',
    ])
    const odd = daily('2026-03-29T00:00:00', 'Europe/Berlin', 'FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30;COUNT=3')
    expect(await times(odd, '2026-03-01T00:00:00Z')).toEqual(['2026-03-29T01:30', '2026-03-30T00:30'])
  })
})

describe('the end of a rule', () => {
  test.each([
    ['FREQ=DAILY;COUNT=2', ['2026-01-01T08:00', '2026-01-02T08:00']],
    ['FREQ=DAILY;UNTIL=20260102', ['2026-01-01T08:00', '2026-01-02T08:00']],
    ['FREQ=DAILY;UNTIL=20260102T090000', ['2026-01-01T08:00', '2026-01-02T08:00']],
    ['FREQ=DAILY;UNTIL=20260102T080000Z', ['2026-01-01T08:00', '2026-01-02T08:00']],
    ['FREQ=DAILY;UNTIL=20260102T075959Z', ['2026-01-01T08:00']],
    ['RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2', ['2026-01-31T08:00', '2026-03-31T07:00']],
    ['freq=yearly;bymonth=2;bymonthday=29;count=1', ['2028-02-29T08:00']],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;COUNT=1', ['2028-02-29T08:00']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', []],
    ['FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30', []],
  ])('%s', async (rule, wanted) => {
    expect(await times(daily('2026-01-01T09:00:00', 'Europe/Berlin', rule), '2025-12-01T00:00:00Z')).toEqual(wanted)
  })
})

test.each([
  '',
  'DAILY',
  'FREQ=SECONDLY',
  'FREQ=SOMETIMES',
  'COUNT=3',
  'FREQ=DAILY;COUNT=0',
  'FREQ=DAILY;COUNT=2001',
  'FREQ=DAILY;COUNT=3;UNTIL=20310101',
  'FREQ=DAILY;INTERVAL=0',
  'FREQ=DAILY;INTERVAL=-1',
  'FREQ=DAILY;FREQ=DAILY',
  'FREQ=DAILY;BYHOUR=24',
  'FREQ=DAILY;BYHOUR=',
  'FREQ=MINUTELY;BYSECOND=0,30',
  'FREQ=DAILY;BYDAY=XX',
  'FREQ=DAILY;BYDAY=1MO',
  'FREQ=DAILY;BYSETPOS=1',
  'FREQ=DAILY;UNTIL=tomorrow',
  'FREQ=DAILY;RSCALE=CHINESE',
  'FREQ=DAILY;X-Y=1',
  'FREQ=DAILY;__proto__=1',
  'DTSTART:20260101T090000\nRRULE:FREQ=DAILY',
  'FREQ=DAILY\nEXDATE:20260101T090000',
])('is no rule: %j', async (rule) => {
  await expect(openCalendar(daily('2026-01-01T09:00:00', 'UTC', rule))).rejects.toMatchObject({
    code: 'invalid',
    issues: [{ path: 'rule' }],
  })
})

const ZONES = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC']
const RULES = fc.oneof(
  fc
    .record({ freq: fc.constantFrom('DAILY', 'WEEKLY', 'HOURLY'), interval: fc.integer({ min: 1, max: 5 }) })
    .map(({ freq, interval }) => `FREQ=${freq};INTERVAL=${interval}`),
  fc.integer({ min: 7, max: 90 }).map((minutes) => `FREQ=MINUTELY;INTERVAL=${minutes}`),
  fc.constantFrom(
    'FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=0,15,30,45',
    'FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=1,2;BYMINUTE=30',
    'FREQ=WEEKLY;BYDAY=SU,MO;BYHOUR=2',
  ),
)
/** Around the changes of those zones. */
const AROUND = [
  '2026-02-14',
  '2026-03-07',
  '2026-03-21',
  '2026-03-28',
  '2026-04-04',
  '2026-10-03',
  '2026-10-24',
  '2026-10-31',
  '2011-12-29',
]

test('occurrences increase, none comes twice, and every local time of the rule comes once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ZONES),
      RULES,
      fc.constantFrom(...AROUND),
      fc.integer({ min: 0, max: 1439 }),
      async (timeZone, rule, day, minute) => {
        const startsAt = new Date(Date.parse(`${day}T00:00:00Z`) + minute * 60_000).toISOString().slice(0, 19)
        const calendar = await openCalendar({ rule, startsAt, timeZone })
        const locals = await openCalendar({ rule, startsAt, timeZone: 'UTC' })
        const end = Date.parse(`${day}T00:00:00Z`) + 4 * 86_400_000
        const found = until(calendar, end)
        for (const [i, at] of found.entries()) if (i > 0) expect(at.getTime()).toBeGreaterThan(found[i - 1]?.getTime() ?? 0)
        const instants = new Set(found.map((at) => at.getTime()))
        const wall = new Set(found.map((at) => wallOf(at, timeZone)))
        for (const local of until(locals, end - 86_400_000)) {
          const name = local.toISOString().slice(0, 16)
          // a time that the clocks leave out is not on the wall: it comes later the same day, or on the next where a whole day was left out
          if (wall.has(name)) continue
          expect([name, exists(name, timeZone)]).toEqual([name, false])
          expect([30, 60, 1440].some((shift) => wall.has(new Date(local.getTime() + shift * 60_000).toISOString().slice(0, 16)))).toBe(true)
        }
        expect(wall.size).toBe(instants.size)
        const last = found.at(-1)
        if (last && found.length > 1) expect(calendar.before(last)).toEqual(found.at(-2))
      },
    ),
    { numRuns: 100 },
  )
})

function until(calendar: Awaited<ReturnType<typeof openCalendar>>, end: number): Date[] {
  const found: Date[] = []
  for (let at = calendar.after(new Date(0)); at && at.getTime() < end; at = calendar.after(at)) found.push(at)
  return found
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>()

/** Another way to know what a clock shows. */
function wallOf(at: Date, timeZone: string): string {
  const clock = CLOCKS.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  CLOCKS.set(timeZone, clock)
  return clock.format(at).replace(' ', 'T')
}

/** Whether a clock ever shows it. */
const exists = (wall: string, timeZone: string): boolean =>
  Array.from({ length: 113 }, (_, quarter) => new Date(Date.parse(`${wall}Z`) + (quarter - 56) * 900_000)).some(
    (at) => wallOf(at, timeZone) === wall,
  )

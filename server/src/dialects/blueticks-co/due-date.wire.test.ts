import { expect, test } from 'vitest'
import { dueAt } from './due-date.wire.ts'

const now = new Date('2026-07-01T12:00:00Z')
const due = (text: string, timeZone = 'UTC') => dueAt(text, { timeZone, now })?.toISOString()

test('a time with a zone is that time', () => {
  expect(due('2026-12-25T10:00:00Z')).toBe('2026-12-25T10:00:00.000Z')
  expect(due('2026-12-25T10:00:00.250+02:00')).toBe('2026-12-25T08:00:00.250Z')
  expect(due('2026-12-25T10:00:00-0530')).toBe('2026-12-25T15:30:00.000Z')
})

test("a time without one is the workspace's, summer and winter", () => {
  expect(due('2026-12-25T10:00:00', 'America/New_York')).toBe('2026-12-25T15:00:00.000Z')
  expect(due('2026-07-25T10:00', 'America/New_York')).toBe('2026-07-25T14:00:00.000Z')
  expect(due('2026-07-25', 'Asia/Kolkata')).toBe('2026-07-24T18:30:00.000Z')
  expect(due('2027-03-28T03:30:00', 'Europe/Berlin')).toBe('2027-03-28T01:30:00.000Z')
  expect(due('2026-10-25T00:30:00', 'Europe/Berlin')).toBe('2026-10-24T22:30:00.000Z')
})

test('what is past or nearly so is now', () => {
  expect(due('2024-12-25T10:00:00Z')).toBeUndefined()
  expect(due('2026-07-01T12:00:09.999Z')).toBeUndefined()
  expect(due('2026-07-01T12:00:10Z')).toBe('2026-07-01T12:00:10.000Z')
})

test.each(['tomorrow', '', '2026-02-30', '2026-13-01T00:00:00Z', '2026-07-01T25:00:00Z', '1784246400', '2026/07/02'])(
  '%j is no date',
  (text) => {
    expect(() => due(text)).toThrow(expect.objectContaining({ code: 'invalid', issues: [expect.objectContaining({ path: 'dueDate' })] }))
  },
)

test('over a year ahead is too far', () => {
  expect(due('2027-07-01T12:00:00Z')).toBe('2027-07-01T12:00:00.000Z')
  expect(() => due('2027-07-01T12:00:01Z')).toThrow(expect.objectContaining({ code: 'invalid' }))
})

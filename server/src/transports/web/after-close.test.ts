import { describe, expect, test } from 'vitest'
import { afterClose, type Closing } from './after-close.ts'

const CLOSING: Closing = { code: 428, isPaired: true, tries: 1, replacedBeforeMs: undefined, linkingMs: 0, hasNewerVersion: false }
const after = (closing: Partial<Closing>) => afterClose({ ...CLOSING, ...closing }, () => 0.5)

describe('after the end of a connection', () => {
  test.each([
    [{ code: 515 }, { next: 'again', afterMs: 0 }],
    [{ code: 401 }, { next: 'stop', reason: 'logged_out', forget: true }],
    [{ code: 403 }, { next: 'stop', reason: 'banned', forget: false }],
    [{ code: 405 }, { next: 'stop', reason: 'outdated', forget: false }],
    [
      { code: 405, hasNewerVersion: true },
      { next: 'again', afterMs: 0 },
    ],
    [{ code: 440 }, { next: 'again', afterMs: 5_000 }],
    [
      { code: 440, replacedBeforeMs: 11 * 60_000 },
      { next: 'again', afterMs: 5_000 },
    ],
    [
      { code: 440, replacedBeforeMs: 9 * 60_000 },
      { next: 'stop', reason: 'replaced', forget: false },
    ],
    [{ code: 503 }, { next: 'again', stand: { is: 'degraded', reason: 'server' } }],
    [{ code: 408 }, { next: 'again', stand: { is: 'degraded', reason: 'network' } }],
    [{ code: undefined }, { next: 'again', stand: { is: 'degraded', reason: 'network' } }],
    [{ code: 408, isPaired: false, linkingMs: 60_000 }, { next: 'again' }],
    [
      { code: 408, isPaired: false, linkingMs: 301_000 },
      { next: 'stop', reason: 'not_linked', forget: true },
    ],
  ] satisfies [Partial<Closing>, object][])('%j', (closing, expected) => {
    expect(after(closing)).toMatchObject(expected)
  })

  test('tries further and further apart, and gives up for a while', () => {
    const pauses = Array.from({ length: 14 }, (_, i) => after({ tries: i + 1 })).map((then) =>
      'afterMs' in then ? then.afterMs : undefined,
    )
    expect(pauses.slice(0, 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000])
    expect(new Set(pauses.slice(7))).toEqual(new Set([60_000]))
    expect(after({ tries: 15 })).toEqual({ next: 'stop', reason: 'network', forget: false, returnsAfterMs: 15 * 60_000 })
  })

  test('a number that nobody has linked is not degraded', () => {
    expect(after({ isPaired: false })).not.toHaveProperty('stand')
  })
})

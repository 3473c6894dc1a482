import { expect, test } from 'vitest'
import { openInFlight } from './in-flight.ts'

test('a channel that rests has no place until its moment is over', () => {
  const inFlight = openInFlight()
  inFlight.rest('a', 60_000)
  inFlight.rest('b', 0)
  expect(inFlight.limited()).toEqual(['a'])
})

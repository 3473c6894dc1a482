import { expect, test } from 'vitest'
import { webCapabilities } from './capabilities.ts'

test.each([
  ['6 s unless wished otherwise', {}, { everySeconds: 6, burst: 1 }],
  ['as wished', { personSeconds: 20 }, { everySeconds: 20, burst: 1 }],
  ['none at 0', { personSeconds: 0 }, undefined],
])('between two messages to one person: %s', (_, pacing, pair) => {
  expect(webCapabilities({ settings: { pacing } }).pair).toEqual(pair)
})

import { expect, test } from 'vitest'
import { ARRAY_MOST, DEPTH_MOST, findWrong } from './json-body.ts'

const nested = (depth: number): unknown => (depth === 0 ? 'x' : [nested(depth - 1)])

test('depth and width have a bound, and it is exact', () => {
  expect(findWrong(nested(DEPTH_MOST), 1)).toBeUndefined()
  expect(findWrong(nested(DEPTH_MOST + 1), 1)).toMatch(/deeper/)
  expect(findWrong(Array(ARRAY_MOST).fill(0), 1)).toBeUndefined()
  expect(findWrong(Array(ARRAY_MOST + 1).fill(0), 1)).toMatch(/items/)
})

test('a text that cannot be stored is found wherever it is', () => {
  expect(findWrong({ a: [{ b: 'x\0' }] }, 1)).toMatch(/U\+0000/)
  expect(findWrong({ 'k\0': 1 }, 1)).toMatch(/U\+0000/)
  expect(findWrong({ a: '\ud83d' }, 1)).toMatch(/surrogate/)
  expect(findWrong({ a: '👍', b: [null, true, 1.5, ''] }, 1)).toBeUndefined()
})

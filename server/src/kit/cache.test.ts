import { expect, test, vi } from 'vitest'
import { createCache } from './cache.ts'

test('keeps so many, and lets go what was not used for longest', () => {
  const cache = createCache<number>({ most: 3, ageMs: 60_000 })
  for (const [i, key] of ['a', 'b', 'c'].entries()) cache.set(key, i)
  expect(cache.get('a')).toBe(0)
  cache.set('d', 3)
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.get('d')]).toEqual([0, undefined, 2, 3])
  expect(cache.size).toBe(3)
  cache.delete('a')
  expect(cache.get('a')).toBeUndefined()
  cache.clear()
  expect(cache.size).toBe(0)
})

test('keeps nothing longer than its age, however often it is asked for', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const cache = createCache<string>({ most: 3, ageMs: 1_000 })
    cache.set('a', 'old')
    vi.advanceTimersByTime(999)
    expect(cache.get('a')).toBe('old')
    vi.advanceTimersByTime(1)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.size).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

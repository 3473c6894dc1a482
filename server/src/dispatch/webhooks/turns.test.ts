import { expect, test } from 'vitest'
import { openTurns } from './turns.ts'

/** A job that ends when it is told to, and a count of those that have begun. */
function jobs() {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const job = (name: string) => () => {
    begun.push(name)
    return new Promise<void>((done) => ends.push(done))
  }
  return { begun, ends, job }
}

const failed = (error: unknown) => {
  throw error
}

const settled = () => new Promise((done) => setImmediate(done))

test('a receiver has at most its share on the wire, in order', async () => {
  const turns = openTurns({ young: 100, slow: 100, slowAfterMs: 60_000, failed })
  const { begun, ends, job } = jobs()
  for (let i = 0; i < 5; i++) turns.add('a', 2, job(`a${i}`))
  expect(begun).toEqual(['a0', 'a1'])
  expect(turns.waiting('a')).toBe(3)
  ends[0]?.()
  await settled()
  expect(begun).toEqual(['a0', 'a1', 'a2'])
  for (let i = 1; i < 5; i++) {
    ends[i]?.()
    await settled()
  }
  await turns.idle()
  expect(turns.running).toBe(0)
})

test('receivers take turns when the wire is full', async () => {
  const turns = openTurns({ young: 1, slow: 100, slowAfterMs: 60_000, failed })
  const { begun, ends, job } = jobs()
  for (let i = 0; i < 3; i++) turns.add('hog', 16, job(`hog${i}`))
  turns.add('late', 16, job('late0'))
  for (let i = 0; i < 4; i++) {
    ends[i]?.()
    await settled()
  }
  expect(begun.indexOf('late0')).toBeLessThan(3) // one of the hog's was already next
  expect(begun).toHaveLength(4)
})

test('slow ones leave their places to others, up to a bound of their own', async () => {
  const turns = openTurns({ young: 2, slow: 2, slowAfterMs: 40, failed })
  const { begun, ends, job } = jobs()
  for (let i = 0; i < 4; i++) turns.add('slow', 16, job(`slow${i}`))
  expect(begun).toEqual(['slow0', 'slow1'])
  const quick = new Promise<void>((done) =>
    turns.add('quick', 16, async () => {
      begun.push('quick')
      done()
    }),
  )
  await quick // both young places were taken; they aged
  expect(begun.filter((name) => name.startsWith('slow')).length).toBeLessThanOrEqual(3)
  for (let i = 0; i < 4; i++) {
    ends[i]?.()
    await settled()
  }
  await turns.idle()
  expect(begun).toHaveLength(5)
})

test('a job that throws gives its place back', async () => {
  const errors: unknown[] = []
  const turns = openTurns({ young: 1, slow: 1, slowAfterMs: 60_000, failed: (error) => errors.push(error) })
  turns.add('a', 1, () => Promise.reject(new Error('a mistake')))
  const next = new Promise<void>((done) => turns.add('b', 1, async () => done()))
  await next
  await turns.idle()
  expect(errors).toEqual([new Error('a mistake')])
})

import { expect, it } from 'vitest'
import { play } from './play.ts'

const COUNT = 3_000
const seed = Number(process.env.FUZZ_SEED ?? 1)

it('answers whatever is asked in the voice of its door, as its documents say, each workspace its own, and goes on', async () => {
  console.log(`FUZZ_SEED=${seed}`)
  const { figures, broken } = await play({ count: COUNT, seed })
  expect(broken.join('\n\n')).toBe('')
  expect(figures.requests).toBeGreaterThanOrEqual(COUNT)
  expect(figures.statuses[200]).toBeGreaterThan(COUNT / 10)
})

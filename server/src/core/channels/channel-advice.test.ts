import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { adviceFor, CLOSED_ADVICE, DEGRADED_ADVICE } from './channel-advice.ts'

const GUIDE = readFileSync(new URL('../../../../docs/own-number.md', import.meta.url), 'utf8')
const open = { state: 'open', stateReason: undefined, reopensAt: undefined, paused: false } as const

test('the guide says of every reason what the code says', () => {
  const rows = [...Object.entries(CLOSED_ADVICE), ...Object.entries(DEGRADED_ADVICE)].map(
    ([code, { meaning, action }]) => `| \`${code}\` | ${meaning} | ${action} |`,
  )
  expect(rows.filter((row) => !GUIDE.includes(row))).toEqual([])
})

test('what works needs no advice, a pause does', () => {
  expect(adviceFor(open)).toBeUndefined()
  expect(adviceFor({ ...open, paused: true })).toMatchObject({ action: 'Resume it.' })
})

test('one word means two things in two states; what comes back by itself says so; an unknown word is no riddle', () => {
  const network = { ...open, stateReason: 'network' }
  expect(adviceFor({ ...network, state: 'degraded' })).toEqual(DEGRADED_ADVICE.network)
  expect(adviceFor({ ...network, state: 'closed' })).toEqual(CLOSED_ADVICE.network)
  expect(adviceFor({ ...network, state: 'closed', reopensAt: new Date() })).toEqual({
    meaning: CLOSED_ADVICE.network.meaning,
    action: 'Nothing: it comes back by itself.',
  })
  expect(adviceFor({ ...open, state: 'closed', stateReason: 'of a later version' })).toMatchObject({ meaning: 'The channel is closed.' })
})

import { expect, test } from 'vitest'
import type { Outcome } from '#core/transport'
import { ERROR_TABLE } from './error-table.ts'
import { failureOf, optOutOf, outcomeOf, toGraphError } from './errors.ts'

const judge = (code: number, { attempt = 1, status = 400, ...more } = {}) =>
  outcomeOf({ code, title: 'T', details: 'D', ...more }, { attempt, status })

const STOPS: [code: number, reason: string][] = [
  [0, 'bad_credentials'],
  [190, 'bad_credentials'],
  [102, 'bad_credentials'],
  [3, 'bad_credentials'],
  [10, 'bad_credentials'],
  [200, 'bad_credentials'],
  [299, 'bad_credentials'],
  [131005, 'bad_credentials'],
  [33, 'number_gone'],
  [368, 'restricted'],
  [131031, 'restricted'],
  [131037, 'not_registered'],
  [133010, 'not_registered'],
  [131042, 'billing'],
  [131044, 'billing'],
]
test.each(STOPS)('%d holds the channel and burns no attempt, however often it comes', (code, reason) => {
  for (const attempt of [1, 12])
    expect(judge(code, { attempt, status: 401 })).toMatchObject({ kind: 'retry', effect: { stop: { reason } } })
})

test.each([100, 130472, 131026, 131030, 131008, 131009, 131051, 131053, 132000, 132001, 132015, 132016, 135000])(
  '%d ends the message and nothing else',
  (code) => {
    const outcome = judge(code)
    expect(outcome).toMatchObject({ kind: 'rejected', code: String(code) })
    expect(outcome).not.toHaveProperty('effect')
  },
)

test('what has a word of ours is told by it', () => {
  expect(judge(131047)).toMatchObject({ kind: 'rejected', code: 'window_closed' })
  expect(judge(131050)).toMatchObject({ kind: 'rejected', effect: { optOut: 'marketing' } })
  expect([131050, 131026].map((code) => optOutOf({ code }))).toEqual(['marketing', undefined])
})

test('too fast: the number or the pair, each slowed by itself', () => {
  expect(judge(130429, { status: 429 })).toMatchObject({ kind: 'retry', slow: 'channel' })
  expect(judge(131056)).toMatchObject({ kind: 'retry', slow: 'pair', afterMs: 6_000 })
  const pauses = [1, 2, 3, 4, 9].map((attempt) => (judge(131056, { attempt }) as Extract<Outcome, { kind: 'retry' }>).afterMs)
  expect(pauses).toEqual([6_000, 16_000, 64_000, 256_000, 600_000])
})

test.each([
  [131000, 5],
  [131016, 5],
  [133004, 5],
  [2, 5],
  [1, 2],
])('%d is tried %d times in all', (code, most) => {
  expect(judge(code, { attempt: most - 1, status: 500 }).kind).toBe('retry')
  expect(judge(code, { attempt: most, status: 500 })).toMatchObject({ kind: 'rejected', code: String(code) })
})

test('an unknown code is final, unless the network says that it passes', () => {
  expect(judge(424242)).toEqual({ kind: 'rejected', code: '424242', reason: 'D' })
  expect(judge(424242, { status: 503 })).toMatchObject({ kind: 'retry', code: '424242' })
  expect(outcomeOf({ code: 424242, isTransient: true }, { attempt: 1, status: 400 })).toMatchObject({ kind: 'retry' })
})

test('an object that the token cannot see holds the channel; a wrong value does not', () => {
  expect(outcomeOf({ code: 100, subcode: 33 }, { attempt: 1, status: 400 })).toMatchObject({
    effect: { stop: { reason: 'bad_credentials' } },
  })
  expect(judge(100)).toMatchObject({ kind: 'rejected', reason: 'The request has a wrong value: D' })
})

test('every reason and every advice is a sentence for people, without a period where details may follow', () => {
  for (const [code, { reason, advice, detailed }] of ERROR_TABLE) {
    expect(reason, String(code)).toMatch(/^[A-Z][^\n]{10,}$/)
    if (detailed) expect(reason, String(code)).not.toMatch(/\.$/)
    if (advice !== undefined) expect(advice, String(code)).toMatch(/^[A-Z].+\.$/)
  }
})

test('errors are read in every shape that Graph gives them', () => {
  expect(toGraphError({ message: '(#131026) M', code: 131026, error_data: { details: 'D' } })).toEqual({
    code: 131026,
    title: '(#131026) M',
    details: 'D',
  })
  expect(toGraphError({ code: '190', error_data: 'bare', error_subcode: 463, is_transient: true })).toEqual({
    code: 190,
    details: 'bare',
    subcode: 463,
    isTransient: true,
  })
  expect(toGraphError({ code: 100, error_user_title: 'UT', error_user_msg: 'UM' })).toMatchObject({ title: 'UT', details: 'UM' })
  for (const none of [undefined, null, {}, [], 'x', { code: 'x' }, { message: 'm' }]) expect(toGraphError(none)).toBeUndefined()
  expect(failureOf({ code: 5 })).toEqual({ code: '5', reason: 'The network refused it with code 5' })
})

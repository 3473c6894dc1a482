import { expect, test } from 'vitest'
import { OPT_OUT_DEFAULTS, optOutWords, readOptOutWord } from './opt-out-words.ts'

const ours = optOutWords()

test.each([
  ['STOP', 'stop'],
  [' Stop! ', 'stop'],
  ['stop.', 'stop'],
  ['\uff33\uff34\uff2f\uff30', 'stop'], // wide letters
  ['Arrêt', 'stop'],
  ['opt out', 'stop'],
  ['berhenti', 'stop'],
  ['START', 'start'],
  ['Alta.', 'start'],
  ['stop it', undefined],
  ['please stop', undefined],
  ["don't stop", undefined],
  ['nonstop', undefined],
  ['', undefined],
  ['!', undefined],
  [`stop${' '.repeat(100)}`, undefined],
] as const)('%j is %s', (text, word) => expect(readOptOutWord(text, ours)).toBe(word))

test("a workspace's own words take the place of ours, the rest stays", () => {
  const words = optOutWords({ stopWords: ['Genug!'], stopReply: null })
  expect(readOptOutWord('genug', words)).toBe('stop')
  expect(readOptOutWord('stop', words)).toBeUndefined()
  expect(readOptOutWord('start', words)).toBe('start')
  expect(words).toMatchObject({ stopReply: null, startReply: OPT_OUT_DEFAULTS.startReply })
})

test('no word says both', () => {
  expect(OPT_OUT_DEFAULTS.startWords.filter((word) => readOptOutWord(word, ours) !== 'start')).toEqual([])
  expect(OPT_OUT_DEFAULTS.stopWords.filter((word) => readOptOutWord(word, ours) !== 'stop')).toEqual([])
})

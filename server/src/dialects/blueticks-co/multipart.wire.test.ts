import { expect, test } from 'vitest'
import { toFields } from './multipart.wire.ts'

test('form fields become what JSON would have', () => {
  const fields = toFields([
    ['text', 'true'],
    ['with_typing', 'false'],
    ['typingSeconds', '3'],
    ['poll_options[]', 'a'],
    ['poll_options[]', 'b'],
    ['pollAllowMultiple', 'true'],
  ])
  expect(fields).toEqual({ text: 'true', with_typing: false, typingSeconds: 3, poll_options: ['a', 'b'], pollAllowMultiple: true })
  expect(toFields([['pollOptions', '["a","b"]']])).toEqual({ pollOptions: ['a', 'b'] })
})

test('what is no boolean or number stays text, and a field given twice stays two', () => {
  expect(
    toFields([
      ['withTyping', 'yes'],
      ['typingSeconds', ''],
      ['pollOptions', '[broken'],
    ]),
  ).toEqual({ withTyping: 'yes', typingSeconds: '', pollOptions: ['[broken'] })
  expect(
    toFields([
      ['text', 'a'],
      ['text', 'b'],
    ]),
  ).toEqual({ text: ['a', 'b'] })
})

import { expect, test } from 'vitest'
import { withoutSecrets } from './voices.ts'

test.each([
  [`chq_live_${'a1'.repeat(16)}`],
  [`bt_test_${'B2'.repeat(16)}`],
  [`btk_live_${'c3'.repeat(16)}`],
  [`17|${'d4'.repeat(20)}`],
  ['e5'.repeat(20)],
  ['f6'.repeat(16)],
])('%s does not stay in a text', (key) => {
  expect(withoutSecrets(`the value "${key}" broke it (${key})`)).toBe('the value "[secret]" broke it ([secret])')
})

test('ordinary words stay', () => {
  const words = 'column "messages_conversation_identifier_of_some_length" of 0192f3a4-5b6c-7d8e-9f00-112233445566 at file.ts:12:3'
  expect(withoutSecrets(words)).toBe(words)
})

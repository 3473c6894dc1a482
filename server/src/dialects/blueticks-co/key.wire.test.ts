import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, chatIdOf, parseKey, serialiseKey, showKey } from './key.wire.ts'

const digits = fc.stringMatching(/^[1-9]\d{6,14}$/)
const person = digits.map((number) => `${number}@c.us`)
const chat = fc.oneof(
  person,
  digits.map((number) => `${number}@lid`),
  digits.map((number) => `${number}@newsletter`),
)
const wireId = fc.oneof(
  fc.stringMatching(/^3EB0[0-9A-F]{12,18}$/),
  fc.base64String({ minLength: 8 }).map((text) => `wamid.${text}`),
)

test('a key is read as it was written, in chats and in groups', () => {
  fc.assert(
    fc.property(fc.boolean(), chat, wireId, (fromMe, chatId, id) => {
      const key = { fromMe, chatId, wireId: id, participant: undefined }
      expect(parseKey(serialiseKey(key))).toEqual(key)
    }),
  )
  fc.assert(
    fc.property(digits, person, wireId, (group, participant, id) => {
      const key = { fromMe: false, chatId: `${group}-1600000000@g.us`, wireId: id, participant }
      expect(parseKey(serialiseKey(key))).toEqual(key)
    }),
  )
})

test('phones and chat ids come back from each other', () => {
  expect(chatIdOf('+14155551234')).toBe('14155551234@c.us')
  expect(addressOf('14155551234@c.us')).toBe('+14155551234')
  expect(addressOf('14155551234@s.whatsapp.net')).toBe('+14155551234')
  expect(addressOf('120363041234567890@g.us')).toBe('120363041234567890@g.us')
  expect(chatIdOf('120363041234567890@g.us')).toBe('120363041234567890@g.us')
  expect(addressOf('5215512345678@c.us')).toBe('+525512345678')
})

test.each(['', '3EB0ABC', 'true_', 'true_1@c.us', 'maybe_1@c.us_X', 'true__X', 'TRUE_1@c.us_X'])('%j is no key', (text) => {
  expect(parseKey(text)).toBeUndefined()
})

test('a message that the network does not know yet has no serialised key', () => {
  expect(showKey({ fromMe: true, chatId: '1@c.us', wireId: undefined, participant: undefined })).toEqual({
    fromMe: true,
    remote: '1@c.us',
    id: null,
    participant: null,
    _serialized: null,
  })
})

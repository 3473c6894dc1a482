import fc from 'fast-check'
import { getCountries } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { DomainError } from '#kit/errors'
import { normalisePhone, phoneTwin } from './normalise-phone.ts'

const SAME_IN_MALAYSIA = [
  '0123456789',
  '60123456789',
  '+60123456789',
  '+60 12-345 6789',
  '012-345 6789',
  '(012) 3456789',
  '012.345.6789',
  '123456789',
  '0060123456789',
  '600123456789',
  '+600123456789',
  '+6 0123456789',
  '+60(0)12-345 6789',
  'tel:+60123456789',
  '\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19',
  '\uff0b60123456789',
]
const SAME_IN_INDIA = ['+91 95390 45533', '+91-9539045533', '9539045533', '09539045533', '919539045533', '0091 95390 45533']

describe('spellings', () => {
  test.each(SAME_IN_MALAYSIA)('%s in Malaysia', (raw) => expect(normalisePhone(raw, 'MY')).toBe('+60123456789'))
  test.each(SAME_IN_INDIA)('%s in India', (raw) => expect(normalisePhone(raw, 'IN')).toBe('+919539045533'))
  test.each([
    ['14155551234', 'US', '+14155551234'], // the country is there, only the plus is not
    ['919539045533', 'US', '+919539045533'],
    ['00 1 415 555 1234', 'US', '+14155551234'],
    ['+00 60123456789', 'US', '+60123456789'],
    ['+1234567890', 'US', '+1234567890'], // told with its country: the network is the judge
    ['+1 (555) 123-0002', 'US', '+15551230002'],
    ['+5215512345678', 'US', '+525512345678'],
    ['+39 06 1234 5678', 'US', '+390612345678'], // this zero belongs to the number
    ['+12125551234 ext. 5', 'US', '+12125551234'],
    ['+14155551234', 'ZZ', '+14155551234'],
  ])('%s in %s is %s', (raw, country, expected) => expect(normalisePhone(raw, country)).toBe(expected))

  test.each([
    '',
    ' ',
    'abc',
    '999',
    '12345',
    '+',
    '+12',
    '+0',
    '+999123456789',
    '0121234567 / 0131234567',
    'call 0123456789 now',
    '+1234567890123456',
    '1'.repeat(65),
    '\u0000',
    '+60123\n',
  ])('%j is none', (raw) => {
    expect(() => normalisePhone(raw, 'MY', 'phone')).toThrowError(
      expect.objectContaining({ code: 'invalid', issues: [expect.objectContaining({ path: 'phone' })] }),
    )
  })
})

const country = fc.constantFrom(...getCountries(), 'ZZ', '')
const phoneLike = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom(...'+00123456789 -().,;ext#*/'), maxLength: 40 }),
  fc
    .tuple(fc.constantFrom('+1', '+60 ', '+91-', '0055', '+52', '44', '+390', '+54 9', '+7', '0', ''), fc.stringMatching(/^[0-9]{5,13}$/))
    .map(([prefix, digits]) => prefix + digits),
  fc.tuple(fc.constantFrom('+', '00', '', '0'), fc.bigInt({ min: 0n, max: 10n ** 16n })).map(([prefix, digits]) => `${prefix}${digits}`),
)

test('whatever is given: E.164 or a refusal, and what came out goes in unchanged, wherever one is', () => {
  const run = (raw: string, here: string): string | undefined => {
    try {
      return normalisePhone(raw, here)
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError)
      return undefined
    }
  }
  let accepted = 0
  fc.assert(
    fc.property(phoneLike, country, country, (raw, here, there) => {
      const phone = run(raw, here)
      if (phone === undefined) return
      accepted++
      expect(phone).toMatch(/^\+[1-9]\d{6,14}$/)
      expect(normalisePhone(phone, there)).toBe(phone)
    }),
    { numRuns: 5_000 },
  )
  expect(accepted).toBeGreaterThan(500)
})

test('a phone and its twin are each other\u2019s', () => {
  expect(phoneTwin('+551187654321')).toBe('+5511987654321')
  expect(phoneTwin('+525512345678')).toBe('+5215512345678')
  expect(phoneTwin('+551133334444')).toBeUndefined() // a fixed line never had nine digits
  expect(phoneTwin('+14155551234')).toBeUndefined()
  fc.assert(
    fc.property(fc.constantFrom('+55', '+52', '+521'), fc.stringMatching(/^[1-9][0-9]{9,10}$/), (prefix, digits) => {
      const twin = phoneTwin(prefix + digits)
      if (twin !== undefined) expect(phoneTwin(twin)).toBe(prefix + digits)
    }),
  )
})

import { type CountryCode, isSupportedCountry, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { invalidField } from '#kit/errors'

const LENGTH_MOST = 64
const E164 = /^\+[1-9]\d{6,14}$/
/** Mexico took the 1 out of its mobile numbers in 2019; WhatsApp ids still carry it. */
const MEXICAN_MOBILE = /^\+521([2-9]\d{9})$/

/**
 * A phone number in any spelling -> E.164. One that names its country (+ or 00) is taken as it is told, for the network is the judge of it;
 * a local one must be possible in `defaultCountry` (ISO 3166-1 alpha-2), else it is read as if the plus had been left away. Throws `invalid` about the field `path`.
 */
export function normalisePhone(raw: string, defaultCountry: string, path = 'to'): string {
  const text = raw.length > LENGTH_MOST ? '' : raw.normalize('NFKC').trim().replace(/^tel:/i, '')
  const found = /^(\+|00)/.test(text) ? international(text.replace(/^\+?(00)?/, '+')) : local(text, defaultCountry)
  if (found === undefined) throw invalidField(path, 'is not a phone number', 'invalid_phone')
  return found
}

function international(text: string): string | undefined {
  const number = parse(text, undefined)?.number
  if (number === undefined || !E164.test(number)) return undefined
  const current = number.replace(MEXICAN_MOBILE, '+52$1')
  // a stray trunk zero is dropped one at a time: what comes out must go in unchanged
  return current === text ? current : international(current)
}

function local(text: string, defaultCountry: string): string | undefined {
  const country = isSupportedCountry(defaultCountry) ? defaultCountry : undefined
  const here = country && parse(text, country)
  const abroad = parse(`+${text}`, undefined)
  const best = [here?.isValid() && here, abroad?.isValid() && abroad, here?.isPossible() && here, abroad?.isPossible() && abroad].find(
    Boolean,
  )
  return best ? international(best.number) : undefined
}

const parse = (text: string, defaultCountry: CountryCode | undefined): PhoneNumber | undefined =>
  parsePhoneNumberFromString(text, { ...(defaultCountry && { defaultCountry }), extract: false })

const BRAZIL_OLD = /^\+55([1-9]\d)([6-9]\d{7})$/
const BRAZIL_NEW = /^\+55([1-9]\d)9([6-9]\d{7})$/
const MEXICO = /^\+52([2-9]\d{9})$/

/** The other form in which WhatsApp may know the same phone: Brazil with and without its ninth digit, Mexico with and without its 1. */
export function phoneTwin(phone: string): string | undefined {
  if (BRAZIL_OLD.test(phone)) return phone.replace(BRAZIL_OLD, '+55$19$2')
  if (BRAZIL_NEW.test(phone)) return phone.replace(BRAZIL_NEW, '+55$1$2')
  if (MEXICAN_MOBILE.test(phone)) return phone.replace(MEXICAN_MOBILE, '+52$1')
  return MEXICO.test(phone) ? phone.replace(MEXICO, '+521$1') : undefined
}

/** Whether it is a country with phones: ISO 3166-1 alpha-2. */
export const isCountry = (code: string): boolean => isSupportedCountry(code)

/** As networks write their ids: digits, perhaps without the plus. */
export const withPlus = (number: string): string => (number.startsWith('+') ? number : `+${number}`)

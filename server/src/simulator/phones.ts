import { putBounded } from './bounded-map.ts'

/** A person's phone on the simulated network. */
export type Phone = {
  /** E.164; for a group its JID. */
  readonly number: string
  /** The digits, as WhatsApp writes them. */
  readonly waId: string
  profileName: string
  bsuid?: string
  username?: string
  /** Businesses see the BSUID only. */
  hidesNumber?: boolean
}
export type PhoneChanges = { profileName?: string; bsuid?: string; username?: string; hidesNumber?: boolean }

const NAMED_MOST = 100_000
const DIGITS = /^\+?\d{5,20}$/

/** '+…' for a number in any of its forms; anything else (a BSUID, a group) as it is. */
export function normalNumber(text: string): string {
  if (DIGITS.test(text)) return text.startsWith('+') ? text : `+${text}`
  const bare = text.replace(/[\s()-]/g, '')
  if (!DIGITS.test(bare)) return text
  return bare.startsWith('+') ? bare : `+${bare}`
}

export interface Phones {
  /** Every number has a phone; only a BSUID that nobody has is undefined. */
  find(to: string): Phone | undefined
  change(number: string, changes: PhoneChanges): Phone
}

const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/
const newPhone = (number: string): Phone => ({ number, waId: number.replace('+', ''), profileName: `Phone ${number.slice(-4)}` })

export function createPhones(): Phones {
  const named = new Map<string, Phone>() // a phone without facts of its own is made anew each time: nothing to keep
  const byBsuid = new Map<string, string>()
  function find(to: string): Phone | undefined {
    if (BSUID.test(to)) return named.get(byBsuid.get(to) ?? '')
    const number = normalNumber(to)
    return named.get(number) ?? newPhone(number)
  }
  return {
    find,
    change(number, changes) {
      const phone = { ...newPhone(normalNumber(number)), ...named.get(normalNumber(number)), ...changes }
      putBounded(named, { key: phone.number, value: phone }, NAMED_MOST)
      if (phone.bsuid) putBounded(byBsuid, { key: phone.bsuid, value: phone.number }, NAMED_MOST)
      return phone
    },
  }
}

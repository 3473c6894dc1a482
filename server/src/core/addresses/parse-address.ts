import { DomainError } from '#kit/errors'
import type { Identity } from './identity.ts'
import { normalisePhone } from './normalise-phone.ts'

/** Where a message goes, and what that says about who is there. */
export type Address = { address: string; kind: 'person' | 'group' | 'newsletter'; identities: Identity[] }

const PERSON_JID = /^(\d{6,15})@(?:c\.us|s\.whatsapp\.net)$/
const GROUP_JID = /^\d+(?:-\d+)?@g\.us$/
const NEWSLETTER_JID = /^\d+@newsletter$/
const LID_JID = /^(\d+)@lid$/
const BSUID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/

/** Reads a recipient: a phone number in any spelling, a WhatsApp id, a business-scoped user id. Throws `invalid` about the field `path`. */
export function parseAddress(to: string, defaultCountry: string, path = 'to'): Address {
  const text = to.trim()
  const person = PERSON_JID.exec(text)?.[1]
  if (person !== undefined) return personAt(normalisePhone(`+${person}`, defaultCountry, path))
  if (GROUP_JID.test(text)) return { address: text, kind: 'group', identities: [] }
  if (NEWSLETTER_JID.test(text)) return { address: text, kind: 'newsletter', identities: [] }
  if (LID_JID.test(text)) return { address: text, kind: 'person', identities: [{ kind: 'lid', value: text }] }
  if (BSUID.test(text)) return { address: text, kind: 'person', identities: [{ kind: 'bsuid', value: text }] }
  if (text.includes('@'))
    throw new DomainError('invalid', `${path}: not a WhatsApp id we know`, {
      issues: [{ path, code: 'invalid_string', message: 'not a WhatsApp id' }],
    })
  return personAt(normalisePhone(text, defaultCountry, path))
}

const personAt = (phone: string): Address => ({ address: phone, kind: 'person', identities: [{ kind: 'phone', value: phone }] })

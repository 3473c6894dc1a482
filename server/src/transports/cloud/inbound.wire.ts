import { withPlus } from '#core/addresses'
import type { InboundMessage, Sender } from '#core/transport'
import { sha256 } from '#kit/crypto'
import { type Fields, fields, id, known, list, text } from '#kit/lenient'
import { toContent } from './content.wire.ts'
import { toTime } from './time.ts'

const PHONE = /^\+?\d{5,20}$/
const BSUID = /^[A-Z]{2}\.[A-Za-z0-9.]{1,160}$/
const ID_MOST = 512

/** One item of `messages`. `people` are the `contacts` beside it; a time that cannot be read is `now`. */
export function toInboundMessage(message: Fields, people: readonly Fields[], now: Date): InboundMessage {
  const context = fields(message.context)
  return {
    wireId: toWireId(message.id, message),
    from: toSender(message, people),
    at: toTime(message.timestamp) ?? now,
    content: toContent(message),
    ...known({ repliesTo: id(context.id), group: id(message.group_id), context: contextOf(message, context) }),
  }
}

/** The network's id; of what has none the same one for the same content, so that a redelivery adds nothing. */
export function toWireId(given: unknown, whole: unknown): string {
  const wireId = id(given)
  if (wireId !== undefined && wireId.length <= ID_MOST) return wireId
  return `sha256.${sha256(wireId ?? JSON.stringify(whole)).toString('hex')}`
}

/** Who wrote. Numbers may be withheld, and the number written from may differ from the WhatsApp id. */
function toSender(message: Fields, people: readonly Fields[]): Sender {
  const from = id(message.from)
  const bsuid = id(message.from_user_id) ?? (from !== undefined && BSUID.test(from) ? from : undefined)
  const person = findPerson(people, { from, bsuid })
  const profile = fields(person.profile)
  return known({
    phone: from !== undefined && PHONE.test(from) ? withPlus(from) : undefined,
    waId: phoneText(person.wa_id) ?? (person.user_id === undefined ? phoneText(from) : undefined),
    bsuid: bsuid ?? id(person.user_id),
    parentBsuid: id(message.from_parent_user_id) ?? id(person.parent_user_id),
    username: text(profile.username),
    profileName: text(profile.name),
  })
}

/** A batch may hold several people, in any order; a single one is the writer whatever the spelling of the number. */
function findPerson(people: readonly Fields[], { from, bsuid }: { from: string | undefined; bsuid: string | undefined }): Fields {
  const [only] = people
  if (people.length === 1 && only) return only
  return people.find((one) => (from !== undefined && id(one.wa_id) === from) || (bsuid !== undefined && id(one.user_id) === bsuid)) ?? {}
}

/** Digits, as WhatsApp writes its own ids. */
export function phoneText(value: unknown): string | undefined {
  const digits = id(value)
  return digits !== undefined && PHONE.test(digits) ? digits.replace('+', '') : undefined
}

/** What came beside the words: an ad, a forward, a product, errors. */
function contextOf(message: Fields, context: Fields): Record<string, unknown> | undefined {
  const { id: _, from: __, ...more } = context
  const kept = known({
    ...more,
    referral: message.referral,
    identity: message.identity,
    errors: list(message.errors).length > 0 ? message.errors : undefined,
  })
  return Object.keys(kept).length > 0 ? kept : undefined
}

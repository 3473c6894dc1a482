import type { Incoming } from '#core/transport'
import { type Fields, fields, id, isFields, list, text } from '#kit/lenient'
import { tidy } from '#kit/tidy'
import { toInboundMessage } from './inbound.wire.ts'
import { readChange } from './notices.wire.ts'
import { readStatus } from './statuses.wire.ts'

/** What a webhook brings, by the phone number id it is for; undefined: for the account. */
export type Envelope = { byPhoneNumberId: Map<string | undefined, Incoming> }

/** Reads the bytes of a webhook. Throws when they are no envelope of WhatsApp's. */
export const parseBody = (body: Buffer, now: Date): Envelope => parseEnvelope(JSON.parse(body.toString('utf8')), now)

/**
 * Every entry, change, message and status of a parsed webhook, in order. Throws when it is no envelope, and never for what is in
 * one: what we do not know is kept as unknown. Unreadable times become `now`. Tidies `body` in place.
 */
export function parseEnvelope(body: unknown, now: Date): Envelope {
  const envelope = tidy(body)
  if (!isFields(envelope) || envelope.object !== 'whatsapp_business_account' || !Array.isArray(envelope.entry))
    throw new SyntaxError('This is no webhook of a WhatsApp business account')
  const byPhoneNumberId = new Map<string | undefined, Incoming>()
  const incomingOf = (phoneNumberId: string | undefined) => {
    const known = byPhoneNumberId.get(phoneNumberId) ?? { messages: [], receipts: [], notices: [] }
    byPhoneNumberId.set(phoneNumberId, known)
    return known
  }
  for (const entry of envelope.entry) {
    for (const change of list(fields(entry).changes)) {
      const { field, value } = fields(change)
      readValue(incomingOf, { field: text(field) ?? 'untold', value: fields(value), now })
    }
  }
  return { byPhoneNumberId }
}

type Change = { field: string; value: Fields; now: Date }

function readValue(incomingOf: (phoneNumberId: string | undefined) => Incoming, change: Change): void {
  const { field, value, now } = change
  const incoming = incomingOf(id(fields(value.metadata).phone_number_id))
  const isMessages = field === 'messages'
  if (!isMessages) {
    const { notices, optOuts } = readChange(field, value, now)
    incoming.notices.push(...notices)
    if (optOuts.length > 0) incoming.optOuts = [...(incoming.optOuts ?? []), ...optOuts]
    return
  }
  const people = list(value.contacts).map(fields)
  for (const message of list(value.messages)) incoming.messages.push(toInboundMessage(fields(message), people, now))
  for (const status of list(value.statuses)) takeStatus(incoming, fields(status), now)
  const errors = list(value.errors)
  if (errors.length > 0) incoming.notices.push({ type: 'errors', facts: { errors } })
  if (!('messages' in value) && !('statuses' in value) && errors.length === 0)
    incoming.notices.push({ type: 'unknown_field', facts: { field, keys: Object.keys(value) } })
}

function takeStatus(incoming: Incoming, status: Fields, now: Date): void {
  const read = readStatus(status, now)
  if ('notice' in read) {
    incoming.notices.push(read.notice)
    return
  }
  incoming.receipts.push(read.receipt)
  if (read.optOut) incoming.optOuts = [...(incoming.optOuts ?? []), read.optOut]
}

/** Receipts and nothing else: their effect may be committed in place of a raw copy. */
export function isReceiptsOnly({ byPhoneNumberId }: Envelope): boolean {
  let receipts = 0
  for (const incoming of byPhoneNumberId.values()) {
    if (incoming.messages.length > 0 || incoming.notices.length > 0 || incoming.optOuts) return false
    receipts += incoming.receipts.length
  }
  return receipts > 0
}

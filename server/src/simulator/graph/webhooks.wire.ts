import type { NetworkReceipt } from '../network.types.ts'
import type { Account, BusinessNumber } from './accounts.ts'

/** One thing to tell, in the form of Meta's webhooks. `number` with a list for what belongs into `messages`, else a whole value. */
export type Change =
  | { number: BusinessNumber; list: 'statuses' | 'messages'; item: string; contact?: string }
  | { account: Account; field: string; value: string }

/** The envelope of one POST: what belongs to one number in a row shares a value. */
export function envelope(changes: readonly Change[]): string {
  const entries = new Map<string, string[]>()
  for (let from = 0; from < changes.length; ) {
    const until = endOfRun(changes, from)
    const run = changes.slice(from, until)
    const [first] = run
    if (!first) break
    const account = 'number' in first ? first.number.account : first.account
    const entry = entries.get(account.wabaId) ?? []
    entry.push('number' in first ? messagesChange(first.number, run) : `{"value":${first.value},"field":"${first.field}"}`)
    entries.set(account.wabaId, entry)
    from = until
  }
  const told = [...entries].map(([id, values]) => `{"id":"${id}","changes":[${values.join(',')}]}`)
  return `{"object":"whatsapp_business_account","entry":[${told.join(',')}]}`
}

function endOfRun(changes: readonly Change[], from: number): number {
  const first = changes[from]
  let until = from + 1
  if (!first || !('number' in first)) return until
  for (
    let next = changes[until];
    next && 'number' in next && next.number === first.number && next.list === first.list;
    next = changes[until]
  )
    until++
  return until
}

function messagesChange(number: BusinessNumber, run: readonly Change[]): string {
  const items: string[] = []
  const contacts: string[] = []
  let list = 'messages'
  for (const change of run) {
    if (!('number' in change)) continue
    list = change.list
    items.push(change.item)
    if (change.contact !== undefined && !contacts.includes(change.contact)) contacts.push(change.contact)
  }
  const people = contacts.length > 0 ? `"contacts":[${contacts.join(',')}],` : ''
  return `{"value":{"messaging_product":"whatsapp","metadata":${number.metadata},${people}"${list}":[${items.join(',')}]},"field":"messages"}`
}

/** Meta signs, and sends, everything outside printable ASCII as an escape. */
export const escaped = (json: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with control characters
  /^[\x00-\x7e]*$/.test(json) ? json : json.replace(/[^\x00-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const CONVERSATION_MS = 24 * 3_600_000

/** A receipt as an item of `statuses`. Version 24 and later tell no conversation. */
export function statusOf(receipt: NetworkReceipt, version: number): string {
  const { phone, state, category = 'service' } = receipt
  const seconds = Math.floor(receipt.at / 1000)
  const priced = state === 'sent' || state === 'delivered'
  return JSON.stringify({
    id: receipt.wireId,
    status: state,
    timestamp: String(seconds),
    ...(!phone.hidesNumber && { recipient_id: phone.waId }),
    ...(phone.bsuid !== undefined && { recipient_user_id: phone.bsuid }),
    ...(receipt.callbackData !== undefined && { biz_opaque_callback_data: receipt.callbackData }),
    ...(version < 24 && priced && { conversation: conversationOf(receipt, category) }),
    ...(priced && { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category } }),
    ...(receipt.failure && { errors: [failureOf(receipt.failure)] }),
  })
}

function conversationOf({ at, state, business, phone }: NetworkReceipt, category: string) {
  return {
    id: Buffer.from(`${business}${phone.number}`).toString('hex'),
    ...(state === 'sent' && { expiration_timestamp: String(Math.floor((at + CONVERSATION_MS) / 1000)) }),
    origin: { type: category },
  }
}

const failureOf = ({ code, title, details }: { code: number; title: string; details: string }) => ({
  code,
  title,
  message: title,
  error_data: { details },
  href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
})

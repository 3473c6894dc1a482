import type { Account, BusinessNumber } from './accounts.ts'
import { type Answer, json } from './answers.ts'

const USUAL_FIELDS = ['id', 'display_phone_number', 'verified_name', 'quality_rating']

/** The facts that were asked for, the id always. */
function chosen(facts: Readonly<Record<string, unknown>>, query: URLSearchParams): Record<string, unknown> {
  const names =
    query
      .get('fields')
      ?.split(',')
      .map((name) => name.trim().replace(/\{.*$/, '')) ?? USUAL_FIELDS
  return Object.fromEntries([...new Set([...names, 'id'])].flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])))
}

const allFacts = ({ facts, override, account }: BusinessNumber) => ({
  ...facts,
  webhook_configuration: {
    ...(override !== undefined && { phone_number: override }),
    ...(account.override !== undefined && { whatsapp_business_account: account.override }),
    ...(account.webhookUrl !== undefined && { application: account.webhookUrl }),
  },
})

export const showNumber = (number: BusinessNumber, query: URLSearchParams): Answer => json(chosen(allFacts(number), query))

export function listNumbers(account: Account, query: URLSearchParams): Answer {
  const limit = Math.min(Math.max(Number(query.get('limit') ?? 25) || 25, 1), 1000)
  const start = account.numbers.findIndex(({ id }) => id === query.get('after')) + 1
  const shown = account.numbers.slice(start, start + limit)
  const last = shown.at(-1)?.id
  const next = start + limit < account.numbers.length && { next: `?limit=${limit}&after=${last}` }
  return json({
    data: shown.map((number) => chosen(allFacts(number), query)),
    ...(shown.length > 0 && { paging: { cursors: { before: shown[0]?.id, after: last }, ...next } }),
  })
}

export function showAccount({ wabaId, name }: Account, query: URLSearchParams): Answer {
  const facts = {
    id: wabaId,
    name,
    currency: 'USD',
    timezone_id: '1',
    country: 'US',
    account_review_status: 'APPROVED',
    business_verification_status: 'verified',
    ownership_type: 'SELF',
    health_status: { can_send_message: 'AVAILABLE', entities: [{ entity_type: 'WABA', id: wabaId, can_send_message: 'AVAILABLE' }] },
  }
  return json(query.has('fields') ? chosen(facts, query) : { id: facts.id, name, timezone_id: '1' })
}

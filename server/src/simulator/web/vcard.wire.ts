import type { proto } from 'baileys'

type Name = { formatted: string; first?: string; last?: string }
type Card = {
  name: Name
  phones?: { phone: string; type?: string; waId?: string }[]
  emails?: { email: string; type?: string }[]
  organization?: { company: string }
}

const fieldsOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {})
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(fieldsOf) : [])
const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const unescaped = (text: string): string => text.replace(/\\n/g, '\n').replace(/\\([,;\\])/g, '$1')
const escaped = (text: string): string => text.replace(/[\\,;]/g, '\\$&').replace(/\n/g, '\\n')

/** A contact as WhatsApp carries it, a vCard, as a card of ours. */
export function cardOf({ displayName, vcard }: proto.Message.IContactMessage): Card {
  const lines = (vcard ?? '').split(/\r?\n/).map((line) => /^(?:item\d+\.)?([A-Z-]+)((?:;[^:]*)?):(.*)$/i.exec(line))
  const named = (name: string) =>
    lines.flatMap((line) => (line?.[1]?.toUpperCase() === name ? [{ parameters: line[2] ?? '', value: unescaped(line[3] ?? '') }] : []))
  const [last = '', first = ''] = (named('N')[0]?.value ?? '').split(';')
  const typeOf = (parameters: string) => /type=([^;:]+)/i.exec(parameters)?.[1]
  const company = named('ORG')[0]?.value.replace(/;+$/, '')
  return {
    name: { formatted: named('FN')[0]?.value ?? displayName ?? '', ...(first && { first }), ...(last && { last }) },
    phones: named('TEL').map(({ parameters, value }) => {
      const [type, waId] = [typeOf(parameters), /waid=(\d+)/i.exec(parameters)?.[1]]
      return { phone: value, ...(type && { type }), ...(waId && { waId }) }
    }),
    emails: named('EMAIL').map(({ parameters, value }) => ({
      email: value,
      ...(typeOf(parameters) && { type: typeOf(parameters) ?? '' }),
    })),
    ...(company && { organization: { company } }),
  }
}

/** The other way; `card` is one of ours. */
export function contactOf(card: unknown): proto.Message.IContactMessage {
  const { name, phones, emails, organization } = fieldsOf(card)
  const { formatted, first, last } = fieldsOf(name)
  const lines = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:${escaped(wordOf(last))};${escaped(wordOf(first))};;;`,
    `FN:${escaped(wordOf(formatted))}`,
    ...listOf(phones).map(({ phone, type, waId }) => `TEL;type=${wordOf(type) || 'CELL'}${waId ? `;waid=${waId}` : ''}:${wordOf(phone)}`),
    ...listOf(emails).map(({ email }) => `EMAIL:${escaped(wordOf(email))}`),
    ...(fieldsOf(organization).company ? [`ORG:${escaped(wordOf(fieldsOf(organization).company))};`] : []),
    'END:VCARD',
  ]
  return { displayName: wordOf(formatted), vcard: lines.join('\n') }
}

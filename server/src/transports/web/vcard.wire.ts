import type { Content } from '#core/content'
import { known } from '#kit/lenient'
import { tidy } from '#kit/tidy'

type Card = Extract<Content, { type: 'contacts' }>['contacts'][number]

const escaped = (text: string): string => text.replace(/[\\,;]/g, '\\$&').replace(/\r?\n/g, '\\n')
const unescaped = (text: string): string => text.replace(/\\([\\,;nN])/g, (_, sign: string) => (/n/i.test(sign) ? '\n' : sign))

/** A parameter's value may hold no sign that ends it. */
const typeOf = (type: string | undefined): string => (type ? `;type=${type.replace(/[^\w-]/g, '')}` : '')

/** A contact card in the form that phones read. */
export function toVcard({ name, phones, emails, organization, urls, birthday }: Card): string {
  const lines = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:${[name.last ?? '', name.first ?? '', name.middle ?? '', name.prefix ?? '', name.suffix ?? ''].map(escaped).join(';')}`,
    `FN:${escaped(name.formatted)}`,
    ...(phones ?? []).map(({ phone, type, waId }) => {
      const digits = (waId ?? (phone.startsWith('+') ? phone : '')).replace(/\D/g, '')
      return `TEL${typeOf(type ?? 'CELL')}${digits && `;waid=${digits}`}:${escaped(phone)}`
    }),
    ...(emails ?? []).map(({ email, type }) => `EMAIL${typeOf(type)}:${escaped(email)}`),
    ...(organization?.company ? [`ORG:${[organization.company, organization.department ?? ''].map(escaped).join(';')}`] : []),
    ...(organization?.title ? [`TITLE:${escaped(organization.title)}`] : []),
    ...(urls ?? []).map(({ url, type }) => `URL${typeOf(type)}:${escaped(url)}`),
    ...(birthday ? [`BDAY:${birthday}`] : []),
    'END:VCARD',
  ]
  return lines.join('\n')
}

const VCARD_MOST = 16_384
const LINES_MOST = 200

/** What we can read of a card; a phone wrote it, so it may be anything. */
export function fromVcard(vcard: string, displayName: string | undefined): unknown {
  const lines = vcard
    .slice(0, VCARD_MOST)
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .slice(0, LINES_MOST)
    .flatMap((line) => toLine(line) ?? [])
  const all = (name: string) => lines.filter((line) => line.name === name)
  const one = (name: string) => all(name)[0]?.value
  const [last, first, middle, prefix, suffix] = (one('N') ?? '').split(/(?<!\\);/).map((part) => unescaped(part) || undefined)
  const [company, department] = (one('ORG') ?? '').split(/(?<!\\);/).map((part) => unescaped(part) || undefined)
  const title = plain(one('TITLE'))
  const card = {
    name: known({ formatted: plain(one('FN')) ?? displayName, first, last, middle, prefix, suffix }),
    phones: all('TEL').map(({ value, type, waId }) => known({ phone: unescaped(value), type, waId })),
    emails: all('EMAIL').map(({ value, type }) => known({ email: unescaped(value), type })),
    urls: all('URL').map(({ value, type }) => known({ url: unescaped(value), type })),
    organization: company || title ? known({ company, department, title }) : undefined,
    birthday: plain(one('BDAY')),
  }
  const isThere = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0)
  return tidy(Object.fromEntries(Object.entries(card).filter(([, value]) => isThere(value))))
}

const plain = (value: string | undefined): string | undefined => (value ? unescaped(value) : undefined)

type Line = { name: string; value: string; type: string | undefined; waId: string | undefined }

/** `item1.TEL;type=CELL;waid=1555:+1 555` */
function toLine(line: string): Line | undefined {
  const colon = line.indexOf(':')
  if (colon < 1) return undefined
  const [name = '', ...parameters] = line.slice(0, colon).split(';')
  const parameter = (wanted: string) => parameters.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
  const value = line.slice(colon + 1).trim()
  if (value === '') return undefined
  return { name: name.replace(/^.*\./, '').toUpperCase(), value, type: parameter('type'), waId: parameter('waid') }
}

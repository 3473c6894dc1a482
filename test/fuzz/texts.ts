import fc from 'fast-check'
import type { Schema } from './document.ts'
import { kindOf, Later, Thing } from './things.ts'

/** A server of the run's own; all other URLs lead to addresses that are refused, and none holds a name to be looked up. */
export type Places = { local: string }

const PHONES = [
  '+14155550123',
  '+14155550002',
  '+14155550003',
  '+14155550007',
  '+4915112345678',
  '0151 12345678',
  '+5491112345678',
  '+15550000011',
  '+447911123456',
  '+86 139 1099 8888',
]
const CHATS = [
  '14155550123@c.us',
  '4915112345678@s.whatsapp.net',
  '120363012345678901@g.us',
  '123456789@lid',
  '120363099@newsletter',
  'status@broadcast',
]
const WIRE = ['true_14155550123@c.us_3EB0A1', 'false_14155550123@c.us_3EB0A2', 'wamid.HBgLMTQxNTU1NTAxMjM', '3EB0A1']
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const BASE64 = [PNG, `data:image/png;base64,${PNG}`, 'JVBERi0xLjQK', 'AAAA', 'A', '====', 'data:,']
const ZONES = ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+12', '+05:30', 'GMT', 'Mars/Olympus']
const SCOPES = ['*', 'messages:read', 'messages:write', 'contacts:write', 'keys:write', 'flying:write']
const COUNTRIES = ['DE', 'US', 'AR', 'XX', 'de']
const EVENTS = ['*', 'message.accepted', 'message.read', 'message.received,message.failed', 'nothing.happened']
const STATES = ['accepted', 'queued', 'sent', 'failed', 'read,delivered', 'running', 'draft', 'open', 'lost']
const RULES = ['FREQ=DAILY', 'FREQ=MINUTELY;COUNT=3', 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', 'FREQ=SECONDLY', 'FREQ=DAILY;COUNT=0', 'FREQ=DAILY;UNTIL=20200101T000000Z', 'FREQ=DAILY;INTERVAL=999999999', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=HOURLY;BYSETPOS=-366', 'RRULE:FREQ=WEEKLY', 'BYDAY=MO'] // biome-ignore format: a list
const WORDS = ['Hi', 'pro', 'unlimited', 'Hi {name}, your {thing}', '{', 'https', 'STOP', 'start', '*bold* _it_', '1', 'true']
const DATES = ['2031-05-04', '2024-02-29', '0000-01-01', '9999-12-31', '1900-02-28']
const UUIDS = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '0192f3a4-5b6c-7d8e-9f00-112233445566']
/** All are dates by the documents' pattern. */
const TIMES = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+23:59',
  '1969-12-31T23:59:59.999Z',
  '2024-02-29T12:00:00.123456789-11:30',
  '2038-01-19T03:14:08Z',
  '9999-12-31T23:59:59.999999Z',
  '9999-12-31T23:59:59-23:59',
]

const urls = ({ local }: Places): string[] => [
  `${local}/a.png`,
  `${local}/a.png?x=%F0%9F%98%80#y`,
  `${local}/redirect`,
  `${local}/slow`,
  `${local}/404`,
  local.replace('127.0.0.1', 'localhost'),
  'http://127.0.0.1:1/',
  'https://127.0.0.1:9/x',
  'http://127.0.0.1:99999/',
  'https://169.254.169.254/latest/meta-data',
  'http://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'http://0x7f.1:9/',
  'https://a:b@127.0.0.1/',
  'ftp://127.0.0.1/a',
  'file:///etc/passwd',
  'data:image/png;base64,AAAA',
  'javascript:1',
  'http://',
  '//127.0.0.1/a',
]

const one = (words: readonly string[]) => fc.constantFrom(...words)

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
const later = fc
  .constantFrom(-400 * DAY, -DAY, -1_000, 0, 2_000, 15_000, 5 * MINUTE, DAY, 30 * DAY, 364 * DAY, 366 * DAY)
  .map((ms) => new Later(ms))

/** As the documents spell it. */
const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/
const localTime = fc.oneof(
  { weight: 5, arbitrary: later.map(({ ms }) => new Later(ms, 'local')) },
  { weight: 1, arbitrary: one(['2031-03-30T02:30', '2031-10-26T02:30:00', '2031-02-29T00:00', '0000-00-00T00:00:00', '9999-12-31T23:59']) },
)

export const thing = (kind: string): fc.Arbitrary<Thing> =>
  fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: fc.constant('own' as const) }, { weight: 1, arbitrary: fc.constant('foreign' as const) }),
      fc.nat(99),
    )
    .map(([whose, nth]) => new Thing(kind, whose, (nth / 100) ** 3))

const person = fc.oneof(
  one(PHONES),
  one(CHATS),
  thing('phone'),
  thing('chat'),
  thing('group'),
  thing('newsletter'),
  fc.integer({ min: 100, max: 999 }).map((end) => `+1415555${end}0`),
)
const wire = fc.oneof(one(WIRE), thing('wire'), thing('wire'), thing('wire'), thing('wireKey'))
const key = fc.oneof(one(WIRE), thing('wireKey'), thing('wireKey'), thing('wireKey'), thing('wire'), thing('msg'))

const url = (places: Places) => fc.oneof(one([`${places.local}/a.png`]), one(urls(places)))

/** What a text is for, by its name. */
const BY_NAME: readonly [RegExp, (places: Places) => fc.Arbitrary<unknown>][] = [
  [/^(to|chatId|phone|phones|participants|waId|from|sender|address)$/, () => person],
  [/^participant$/, () => fc.oneof(thing('phone'), thing('phone'), person)],
  [/^occurrence$/, () => fc.oneof(thing('occurrence'), thing('occurrence'), later, one(TIMES))],
  [/^fault$/, () => fc.oneof(thing('fault'), thing('fault'), one(UUIDS))],
  [/^rule$/, () => one(RULES)],
  [/^cursor$/, () => fc.oneof(thing('cursor'), thing('cursor'), one(['', 'e30', 'bnVsbA', 'WzFd', 'x']))],
  [/^(key|messageKeys)$/, () => key],
  [/^(replyTo|wireId)$/, () => wire],
  [/url$/i, url],
  [/^(?:pollO|o)ptions$/, () => one(['Pizza', 'Pasta', 'Hi'])],
  [/base64$/i, () => one(BASE64)],
  [/^timeZone$/, () => one(ZONES)],
  [/^scopes$/, () => one(SCOPES)],
  [/^defaultCountry$/, () => one(COUNTRIES)],
  [/^types$/, () => one(EVENTS)],
  [/^state$/, () => one(STATES)],
  [/^dueDate$/, () => fc.oneof(later, one(TIMES), one(['next week', '1e20', '31/02/2031 25:61']))],
  [/^apiKey$/, () => thing('apiKey')],
  [/^contactId$|^memberId$/, () => fc.oneof(thing('con'), thing('mem'))],
]

const BY_FORMAT: Readonly<Record<string, (places: Places) => fc.Arbitrary<unknown>>> = {
  'date-time': () => fc.oneof({ weight: 5, arbitrary: later }, { weight: 1, arbitrary: one(TIMES) }),
  date: () => one(DATES),
  email: () => one(['a@example.com', 'a.b+c@example.museum', `${'a'.repeat(60)}@example.com`]),
  uri: url,
  uuid: () => one(UUIDS),
}

/** Texts that the schema allows; most of them mean something to the house. */
export function textOf(schema: Schema, name: string, places: Places): fc.Arbitrary<unknown> {
  const known = BY_FORMAT[schema.format ?? '']
  if (known) return known(places)
  const prefix = prefixOf(schema)
  if (prefix) return thing(prefix)
  if (schema.pattern !== undefined) return matching(new RegExp(schema.pattern), schema, name)
  const named = BY_NAME.find(([pattern]) => pattern.test(name))
  const { example, examples = [] } = schema
  const shown = [example, ...examples].filter((text) => typeof text === 'string' && !/^https?:/.test(text))
  if (named) return shown.length > 0 ? fc.oneof(named[1](places), fc.constantFrom(...shown)) : named[1](places)
  return shown.length > 0 ? fc.oneof(anyText(schema), fc.constantFrom(...shown)) : anyText(schema)
}

function matching(pattern: RegExp, { example, examples = [] }: Schema, name: string): fc.Arbitrary<unknown> {
  if (pattern.source === LOCAL_TIME.source) return localTime
  const kind = kindOf(name, String(example ?? examples[0]))
  const known = [...PHONES, ...CHATS].filter((text) => pattern.test(text))
  return fc.oneof(
    ...(kind ? [{ weight: 6, arbitrary: thing(kind) }] : []),
    ...(known.length > 0 ? [{ weight: 3, arbitrary: one(known) }] : []),
    { weight: 1, arbitrary: fc.stringMatching(pattern) },
  )
}

/** The example of a document, its ids and times living ones, its URLs such as may be called. */
export function exampleOf(example: unknown, places: Places, name = ''): fc.Arbitrary<unknown> {
  if (Array.isArray(example)) return fc.tuple(...example.map((item) => exampleOf(item, places)))
  if (typeof example === 'object' && example !== null) {
    return fc.record(Object.fromEntries(Object.entries(example).map(([own, value]) => [own, exampleOf(value, places, own)])))
  }
  if (typeof example !== 'string') return fc.constant(example)
  const prefix = prefixOf({ example })
  if (prefix) return thing(prefix)
  if (/^https?:/.test(example)) return url(places)
  if (LOCAL_TIME.test(example)) return localTime
  if (/^\d{4}-\d\d-\d\dT/.test(example)) return later
  const kind = kindOf(name, example)
  if (kind === undefined) return fc.constant(example)
  return /^(phone|chat)$/.test(kind) ? fc.oneof(fc.constant(example), thing(kind)) : thing(kind)
}

const prefixOf = ({ example, examples = [] }: Schema): string | undefined =>
  [example, ...examples].map((shown) => /^([a-z]{2,4})_[0-9a-z]{26}$/.exec(String(shown))?.[1]).find(Boolean)

const LONG_MOST = 5_000

function anyText({ minLength = 0, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) }
  const longest = maxLength <= LONG_MOST ? maxLength : LONG_MOST
  const texts = [
    fc.string(bounds),
    fc.string({ ...bounds, unit: 'grapheme' }),
    fc.constantFrom('x'.repeat(Math.max(1, minLength)), 'x'.repeat(longest), '\u{1f600}'.repeat(Math.max(1, longest >> 1))),
  ]
  // a text that is read as a URL must lead nowhere
  const tame = fc.oneof(...texts).filter((text) => !/https?:/i.test(text))
  return fc.oneof({ weight: 2, arbitrary: one(WORDS.map((word) => word.slice(0, maxLength))) }, { weight: 1, arbitrary: tame })
}

import fc from 'fast-check'
import { Later, Thing } from './things.ts'

/** Values that no one thought of, or that someone should have thought of. */
const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 2 ** 63, 1e308, 5e-324, [], {}, [[]], [null]],
  ...['', ' ', '\0', 'a\0b', '\ud800', 'x\udc00y', '\ufffe', '\ufeff', '\u202eabc', '\u2028', '\u200b', '\r\n\t', '\x1b[0m', '\x7f'],
  ...[
    'e\u0301',
    `e${'\u0301'.repeat(500)}`,
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    '\u{1f1e9}\u{1f1ea}',
    'مرحبا',
    'שלום',
    '你好',
    '０１２３',
    'İ',
    'ß',
    'ﷺ',
  ],
  ...[
    'null',
    'NaN',
    '-1',
    '1e3',
    '0x10',
    '9223372036854775808',
    '1'.repeat(400),
    '%',
    '\\',
    "'; --",
    '{name',
    '{{}}',
    '$' + '{x}',
    '../..',
    '%00',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '0',
    '+',
    '@',
    '+0',
    '@c.us',
    '@g.us',
    'true__',
    '_'.repeat(100),
    'a'.repeat(70_000),
    '\u{1f600}'.repeat(3_000),
  ],
  ...[
    '0000-00-00T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '99999-01-01T00:00:00Z',
    '2031-02-30T00:00:00Z',
    '2031-01-01',
  ],
  ...['a'.repeat(64), `${'a '.repeat(2_000)}!`, `${'a.'.repeat(1_000)}@`, '1-'.repeat(1_000), Array.from({ length: 300 }, () => 'x')],
  ...[{ toString: 1 }, { toJSON: 'x' }, { length: -1 }, { $gt: '' }],
]

export const hostile: fc.Arbitrary<unknown> = fc.constantFrom(...HOSTILE)

export type Spoil =
  | { how: 'replace'; at: number; value: unknown }
  | { how: 'add'; at: number; name: string; value: unknown }
  | { how: 'remove' | 'respell' | 'double' | 'wrap'; at: number }
  | { how: 'bury'; at: number; depth: number }

const NAMES = ['foo', '__proto__', 'constructor', 'id', 'workspaceId', 'workspace_id', 'type', '\0', '\ud800', '', 'a'.repeat(300)]
const at = fc.nat(60)

export const spoil: fc.Arbitrary<Spoil> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ how: fc.constant('replace' as const), at, value: hostile }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('add' as const), at, name: fc.constantFrom(...NAMES), value: hostile }) },
  {
    weight: 3,
    arbitrary: fc.record({ how: fc.constantFrom('remove' as const, 'respell' as const, 'double' as const, 'wrap' as const), at }),
  },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('bury' as const), at, depth: fc.constantFrom(3, 60, 64, 65, 200) }) },
)

type Spot = { holder: Record<string, unknown>; name: string }

/** A copy of the body with one thing wrong. */
export function spoilt(body: unknown, wrong: Spoil): unknown {
  const root = { body: copy(body) }
  const spots = spotsOf(root)
  const spot = spots[wrong.at % spots.length]
  if (spot) act(spot, wrong)
  return root.body
}

function act({ holder, name }: Spot, wrong: Spoil): void {
  const value = holder[name]
  if (wrong.how === 'replace') holder[name] = wrong.value
  else if (wrong.how === 'add') holder[name] = { ...(isRecord(value) ? value : {}), [wrong.name]: wrong.value }
  else if (wrong.how === 'wrap') holder[name] = [value]
  else if (wrong.how === 'bury') holder[name] = bury(value, wrong.depth)
  else if (wrong.how === 'double') holder[otherSpelling(name)] = value
  else {
    if (wrong.how === 'respell') holder[otherSpelling(name)] = value
    delete holder[name]
  }
}

const otherSpelling = (name: string): string =>
  name.includes('_')
    ? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function bury(value: unknown, depth: number): unknown {
  let buried = value
  for (let i = 0; i < depth; i++) buried = i % 2 ? [buried] : { a: buried }
  return buried
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Thing) && !(value instanceof Later)

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, own]) => [name, copy(own)])) : value
}

function spotsOf(holder: Record<string, unknown>): Spot[] {
  return Object.keys(holder).flatMap((name) => {
    const value = holder[name]
    return [{ holder, name }, ...(isRecord(value) ? spotsOf(value) : [])]
  })
}

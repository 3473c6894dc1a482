import fc from 'fast-check'
import type { Operation, Parameter, Schema } from './document.ts'
import { hostile, type Spoil, spoil } from './spoil.ts'
import { exampleOf, type Places } from './texts.ts'
import { schemaValue } from './values.ts'

export type Workspace = 'test' | 'live'

/** A piece of a URL as it stands there, not encoded again. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Field = [name: string, value: unknown]

/** A request as data, so that it can be made smaller; what the house knows is filled in when it is sent. */
export type Asked = {
  operation: Operation
  workspace: Workspace
  key: 'right' | 'none' | 'unknown' | 'strange'
  path: readonly Field[]
  query: readonly Field[]
  /** Put behind the query as it is. */
  queryTail: string
  headers: readonly Field[]
  body: unknown
  spoils: readonly Spoil[]
  payload: Payload
  /** Which one, of what has no schema: a CSV file, a form. */
  variant: number
}

/** How the body goes over the wire. */
export type Payload =
  | 'json'
  | 'cut'
  | 'twice'
  | 'bytes'
  | 'huge number'
  | 'double key'
  | 'latin1'
  | 'utf-16'
  | 'text'
  | 'xml'
  | 'csv'
  | 'form'
  | 'multipart'
  | 'none'

const ODD_PATHS = ['', '%00', '%E0%A4%A', '%ED%A0%80', '%2F', '%2e%2e', '..', '.', '%25', ';a=b', '%zz', '%F0%9F%98%80', '%C3%28', '+', '*', ':id', '%20', '%0d%0a', "'", '@', ',', '[]', '__proto__', 'constructor', 'null', 'x'.repeat(1_100), '0'.repeat(24), '7'.repeat(400), 'msg_zzzzzzzzzzzzzzzzzzzzzzzzzz', 'true_@c.us_', '14155550123@c.us', '%2B14155550123', 'true_14155550123%40c.us_%F0%9F%98%80', 'true_1%00@c.us_A'] // biome-ignore format: a list
const ODD_TAILS = ['&', '&=', '&limit=1&limit=2', '&limit[]=1', '&limit[a]=1', '&__proto__=1', '&constructor=1', '&%00=1', '&cursor=%00', '&q=%ED%A0%80', '&search=%E0%A4%A', '&limit=1e2', '&limit=9223372036854775808', '&limit=%20', '&skip=2147483648', '&skip=1e15', '&page=1e308', '&page=-0', '&after=9223372036854775807', '&after=1.5', '&after=NaN', '&since=0000-01-01T00:00:00Z', '&until=%2B275760-09-13T00:00:00Z', '&cursor=', '#x', '?', `&a=${'a'.repeat(6_000)}`] // biome-ignore format: a list
const ODD_KEYS = ['', ' ', '\u00e9', 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(4_000), '\t', 'a b', '%00']

export const askedOf = (operation: Operation, places: Places): fc.Arbitrary<Asked> => {
  const { parameters, body } = operation
  const of = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place)
  return fc.record({
    operation: fc.constant(operation),
    workspace: oftenFirst<Workspace>(3, 'test', 'live'),
    key: oftenFirst<Asked['key']>(60, 'right', 'none', 'unknown', 'strange'),
    path: fields(of('path'), (parameter) => pathValue(parameter, places)),
    query: fields(of('query'), (parameter) => queryValue(parameter, places)).map((all) => all.filter(([, value]) => value !== undefined)),
    queryTail: oftenFirst(30, '', ...ODD_TAILS),
    headers: fields(of('header'), (parameter) => headerValue(parameter, places)).map((all) =>
      all.filter(([, value]) => value !== undefined),
    ),
    body: body ? bodyOf(body, operation.example, places) : fc.constant(undefined),
    spoils: body ? spoils : fc.constant([]),
    payload: payloadOf(operation),
    variant: fc.nat(1_000),
  })
}

/** Of the schema alone, of the example alone, the one over the other, and the example with a field more. */
function bodyOf(schema: Schema, example: unknown, places: Places): fc.Arbitrary<unknown> {
  const any = schemaValue(schema, '', places)
  if (typeof example !== 'object' || example === null) return any
  const shown = exampleOf(example, places)
  const more = Object.entries(schema.properties ?? {}).map(([name, own]) =>
    fc.tuple(shown, schemaValue(own, name, places)).map(([under, value]) => ({ ...Object(under), [name]: value })),
  )
  return fc.oneof(
    shown,
    any,
    ...(more.length > 0 ? [fc.oneof(...more)] : []),
    fc.tuple(any, shown).map(([over, under]) => ({ ...Object(under), ...Object(over) })),
  )
}

const spoils: fc.Arbitrary<readonly Spoil[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.tuple(spoil) },
  { weight: 1, arbitrary: fc.array(spoil, { maxLength: 4 }) },
)

const oftenFirst = <Value>(weight: number, first: Value, ...others: Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: fc.constantFrom(first, ...others) })

const fields = (parameters: readonly Parameter[], value: (parameter: Parameter) => fc.Arbitrary<unknown>): fc.Arbitrary<Field[]> =>
  fc.tuple(...parameters.map((parameter) => value(parameter).map((own): Field => [parameter.name, own])))

const schemaOf = ({ schema, example }: Parameter) => ({ ...schema, example })

const pathValue = (parameter: Parameter, places: Places) =>
  fc.oneof(
    { weight: 20, arbitrary: schemaValue(schemaOf(parameter), parameter.name, places) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_PATHS).map((text) => new Raw(text)) },
    { weight: 1, arbitrary: hostile },
  )

const queryValue = (parameter: Parameter, places: Places) =>
  fc.oneof(
    { weight: parameter.required ? 0 : 30, arbitrary: fc.constant(undefined) },
    { weight: 9, arbitrary: schemaValue(schemaOf(parameter), parameter.name, places) },
    { weight: 1, arbitrary: hostile },
  )

/** Some keys come again and again: with the same request, with another, and while the first is under way. */
const headerValue = (parameter: Parameter, places: Places) =>
  fc.oneof(
    { weight: 25, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.constantFrom('again-1', 'again-2', 'again-3') },
    { weight: 1, arbitrary: schemaValue(parameter.schema, parameter.name, places) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_KEYS) },
  )

const WRONG: Payload[] = [
  'cut',
  'twice',
  'bytes',
  'huge number',
  'double key',
  'latin1',
  'utf-16',
  'text',
  'xml',
  'csv',
  'form',
  'multipart',
  'none',
]

function payloadOf({ method, path, body }: Operation): fc.Arbitrary<Payload> {
  if (method === 'GET') return oftenFirst<Payload>(60, 'none', 'json')
  if (path.endsWith('/import')) return oftenFirst<Payload>(20, 'csv', ...WRONG)
  if (path.endsWith('/media')) return fc.oneof(fc.constant<Payload>('multipart'), oftenFirst<Payload>(20, 'json', ...WRONG))
  return oftenFirst<Payload>(30, body ? 'json' : 'none', ...WRONG)
}

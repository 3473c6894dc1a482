/** As much of the reference as is needed to ask wrongly. */
type Schema = {
  type?: string | string[]
  enum?: unknown[]
  minimum?: number
  maximum?: number
  properties?: Record<string, Schema>
  required?: string[]
  example?: unknown
  examples?: unknown[]
  anyOf?: Schema[]
}
type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  schema: Schema
  example?: unknown
  examples?: Record<string, { value: unknown }>
}
type Described = {
  description?: string
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, { schema?: Schema; example?: unknown }> }
}
export type Reference = { paths: Record<string, Record<string, Described>> }

/** An operation with the request that the reference shows for it; its key goes in the header. */
export type Operation = {
  name: string
  method: string
  path: string
  /** As the reference says it, in the words of the product. */
  scope: string | undefined
  parameters: readonly Parameter[]
  body: Schema | undefined
  example: Readonly<Record<string, unknown>> | undefined
}

const JSON_TYPE = 'application/json'

export const operationsIn = ({ paths }: Reference): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { description, parameters = [], requestBody }]) => {
      const { schema, example } = requestBody?.content?.[JSON_TYPE] ?? {}
      const { apiKey: _, ...shown } = (example ?? {}) as Record<string, unknown> // bodies are objects here
      return {
        name: `${method.toUpperCase()} ${path}`,
        scope: /Scope: `([a-z:]+)`/.exec(description ?? '')?.[1],
        method: method.toUpperCase(),
        path,
        parameters,
        body: schema,
        example: example === undefined ? undefined : shown,
      }
    }),
  )

/** A request that must be refused. `detail`: what its refusal names at least. */
export type Spoilt = { what: string; path: string; body?: unknown; statuses: readonly number[]; detail?: { path?: string; code?: string } }

const shownOf = ({ example, examples = {}, schema }: Parameter): unknown =>
  example ?? Object.values(examples)[0]?.value ?? schema.example ?? schema.examples?.[0]

/** The path as shown, or with one of its parts put otherwise. */
export const pathOf = ({ path, parameters }: Operation, instead: Readonly<Record<string, string>> = {}): string =>
  parameters
    .filter((one) => one.in === 'path')
    .reduce((url, one) => url.replace(`{${one.name}}`, encodeURIComponent(instead[one.name] ?? String(shownOf(one)))), path)

/** Everything that the reference forbids for an operation, one fault at a time. */
export const spoiltOf = (operation: Operation): Spoilt[] => [...badIds(operation), ...badQueries(operation), ...badBodies(operation)]

const badIds = (operation: Operation): Spoilt[] =>
  operation.parameters
    .filter((one) => one.in === 'path')
    .flatMap(({ name }) =>
      ['nonsense!', '-1', 'x'.repeat(600)].map((word) => ({
        what: `${name} ${word.slice(0, 12)}`,
        path: pathOf(operation, { [name]: word }),
        ...(operation.example && { body: operation.example }),
        statuses: [400, 404],
      })),
    )

const wrongWords = ({ type, enum: words, minimum, maximum }: Schema): string[] => [
  ...(words ? ['nonsense'] : []),
  ...(type === 'integer' || type === 'number' ? ['many', '1.5', ''] : []),
  ...(minimum === undefined ? [] : [String(minimum - 1)]),
  ...(maximum === undefined ? [] : [String(maximum + 1)]),
]

const badQueries = (operation: Operation): Spoilt[] =>
  operation.parameters
    .filter((one) => one.in === 'query')
    .flatMap(({ name, schema, required }) => {
      const bad = (what: string, path: string) => ({
        ...{ what, path, statuses: [400], detail: { path: name } },
        ...(operation.example && { body: operation.example }),
      })
      const wrong = wrongWords(schema).map((word) => bad(`${name}=${word}`, `${pathOf(operation)}?${new URLSearchParams([[name, word]])}`))
      return required ? [...wrong, bad(`no ${name}`, pathOf(operation))] : wrong
    })

function badBodies(operation: Operation): Spoilt[] {
  const { body, example } = operation
  if (!body || !example) return []
  const { properties = {}, required = [] } = body.anyOf?.find((one) => one.properties) ?? body
  const path = pathOf(operation)
  const spoilt = (what: string, said: unknown, detail?: Spoilt['detail']): Spoilt => ({
    ...{ what, path, body: said, statuses: [400] },
    ...(detail && { detail }),
  })
  return [
    spoilt('a list', []),
    spoilt('a word', 'nonsense'),
    spoilt('an unknown field', { ...example, zzz: 1 }, { code: 'unrecognized_keys' }),
    ...required.map((name) => spoilt(`no ${name}`, { ...example, [name]: undefined }, { path: name })),
    ...Object.keys(properties).map((name) => spoilt(`${name} of the wrong type`, { ...example, [name]: [[[]]] })),
  ]
}

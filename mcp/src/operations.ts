import type { JSONValue } from '@modelcontextprotocol/server'
import { type ApiDocument, type ApiOperation, isSchema, resolve, type Schema } from './document.ts'

/** One argument of an operation, and where of the request it goes: `key` is its name there. */
export type Field = { name: string; key: string; at: 'path' | 'query' | 'body' | 'idempotency'; schema: Schema; required: boolean }

/** A route of the API, its path, query and body laid out flat. */
export type Operation = {
  /** The verb's name, 'messages.send'. */
  id: string
  tag: string
  title: string
  /** What the verb says of itself. */
  does: string
  method: Method
  path: string
  fields: readonly Field[]
  hasBody: boolean
}
type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
const METHODS = { get: 'GET', put: 'PUT', post: 'POST', patch: 'PATCH', delete: 'DELETE' } as const

export function listOperations(document: ApiDocument): Operation[] {
  const operations = new Map<string, Operation>()
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [word, method] of Object.entries(METHODS)) {
      const told = item[word as keyof typeof METHODS] // the keys of METHODS
      if (told?.operationId === undefined || operations.has(told.operationId)) continue
      operations.set(told.operationId, readOperation(told.operationId, { path, method, told, document }))
    }
  }
  return [...operations.values()]
}

type Route = { path: string; method: Method; told: ApiOperation; document: ApiDocument }

function readOperation(id: string, { path, method, told, document }: Route): Operation {
  const components = document.components?.schemas ?? {}
  const body = told.requestBody?.content['application/json']?.schema
  const fields = nameApart([
    ...told.parameters.flatMap((parameter) => readParameter(parameter, components)),
    ...(body ? readBody(resolve(body, components)) : []),
  ])
  const { tags, summary: title, description: does } = told
  return { id, tag: tags[0] ?? 'Other', title, does, method, path, fields, hasBody: body !== undefined }
}

/** Laid out flat, two fields could have one name; and 'action' is taken by every tool. */
function nameApart(fields: readonly Field[]): Field[] {
  const taken = new Set(['action'])
  return fields.map((field) => {
    const name = taken.has(field.key) ? `${field.at}_${field.key}` : field.key
    taken.add(name)
    return { ...field, name }
  })
}

/** A repeated call must be able to name the first one. */
const IDEMPOTENCY_HEADER = 'idempotency-key'
const IDEMPOTENCY_FIELD = 'idempotencyKey'

function readParameter(parameter: ApiOperation['parameters'][number], components: Readonly<Record<string, Schema>>): Field[] {
  const { name, in: place, required, description, schema } = parameter
  const told = finish({ ...resolve(schema, components), ...(description && { description }) })
  if (place === 'path' || place === 'query') return [{ name, key: name, at: place, schema: told, required: required || place === 'path' }]
  if (name.toLowerCase() !== IDEMPOTENCY_HEADER) return []
  return [{ name: IDEMPOTENCY_FIELD, key: IDEMPOTENCY_FIELD, at: 'idempotency', schema: told, required: false }]
}

/** The fields of a body; of a body with several forms, the fields of all of them. */
function readBody(body: Schema): Field[] {
  const forms = formsOf(body)
  const fields = new Map<string, Field>()
  for (const { properties } of forms) {
    for (const [name, schema] of Object.entries(isSchema(properties) ? properties : {})) {
      if (!isSchema(schema)) continue
      const required = forms.every((form) => Array.isArray(form.required) && form.required.includes(name))
      const known = fields.get(name)
      fields.set(name, { name, key: name, at: 'body', required, schema: known ? either(known.schema, finish(schema)) : finish(schema) })
    }
  }
  return [...fields.values()]
}

/** The objects that a body may be; null, for a body left out, is none. */
function formsOf(schema: Schema): Schema[] {
  const several = [schema.oneOf, schema.anyOf].find(Array.isArray)
  if (several) return several.filter(isSchema).flatMap(formsOf)
  return schema.type === 'object' ? [schema] : []
}

/** Both forms of a field; words that name a variant become one list. */
export function either(a: Schema, b: Schema): Schema {
  if (sameButWords(a, b)) return a
  if (Array.isArray(a.enum) && Array.isArray(b.enum)) return { ...a, enum: [...new Set([...a.enum, ...b.enum])] }
  const variants = [...variantsOf(a), ...variantsOf(b)]
  return { anyOf: variants.filter((one, at) => variants.findIndex((other) => sameButWords(one, other)) === at) }
}

const MERGED = 'anyOf'
const variantsOf = (schema: Schema): Schema[] =>
  Object.keys(schema).join() === MERGED && Array.isArray(schema.anyOf) ? schema.anyOf.filter(isSchema) : [schema]

const sameButWords = (a: Schema, b: Schema): boolean => withoutWords(a) === withoutWords(b)
const withoutWords = ({ description, examples, ...rest }: Schema): string => JSON.stringify(rest)

/** Takes away what a model has no use for: the pattern of a format that has a name. */
function finish(schema: Schema): Schema {
  const { pattern, ...rest } = schema
  const kept = typeof schema.format === 'string' ? rest : schema
  return Object.fromEntries(Object.entries(kept).map(([word, value]) => [word, finishInner(value)]))
}

const finishInner = (value: JSONValue): JSONValue => {
  if (Array.isArray(value)) return value.map(finishInner)
  return isSchema(value) ? finish(value) : value
}

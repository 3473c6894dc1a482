import type { Schema } from './document.ts'

/** Where a value is not what the schema says, in words; undefined: it is. */
export function findMismatch(schema: Schema, value: unknown, at = 'answer'): string | undefined {
  const choices = schema.oneOf ?? schema.anyOf
  if (choices?.every((choice) => findMismatch(choice, value, at) !== undefined)) return `${at} is none of ${choices.length} shapes`
  if (schema.enum && !schema.enum.includes(value)) return `${at} is ${JSON.stringify(value)}, not one of ${JSON.stringify(schema.enum)}`
  const types = schema.type === undefined ? [] : [schema.type].flat()
  if (types.length > 0 && !types.some((type) => hasType(type, value))) return `${at} is ${JSON.stringify(value)}, not ${types.join(' or ')}`
  if (typeof value === 'string') return mismatchOfText(schema, value, at)
  if (typeof value === 'number') return mismatchOfNumber(schema, value, at)
  if (Array.isArray(value)) return first(value, (item, i) => (schema.items ? findMismatch(schema.items, item, `${at}.${i}`) : undefined))
  return isRecord(value) ? mismatchOfRecord(schema, value, at) : undefined
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  array: Array.isArray,
  object: (value) => isRecord(value),
}

const hasType = (type: string, value: unknown): boolean => TYPES[type]?.(value) ?? false

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function mismatchOfText(
  { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern }: Schema,
  text: string,
  at: string,
): string | undefined {
  if (text.length < minLength || text.length > maxLength) return `${at} has ${text.length} letters`
  return pattern !== undefined && !new RegExp(pattern).test(text) ? `${at} is ${JSON.stringify(text)}, not /${pattern}/` : undefined
}

function mismatchOfNumber({ minimum, maximum, exclusiveMinimum }: Schema, value: number, at: string): string | undefined {
  const outside =
    (minimum !== undefined && value < minimum) ||
    (maximum !== undefined && value > maximum) ||
    (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
  return outside ? `${at} is ${value}, out of bounds` : undefined
}

function mismatchOfRecord(schema: Schema, value: Record<string, unknown>, at: string): string | undefined {
  const missing = schema.required?.find((name) => !(name in value))
  if (missing !== undefined) return `${at}.${missing} is missing`
  return first(Object.entries(value), ([name, own]) => {
    const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : schema.additionalProperties
    if (known === false) return schema.oneOf ? undefined : `${at}.${name} is not documented`
    return typeof known === 'object' ? findMismatch(known, own, `${at}.${name}`) : undefined
  })
}

function first<Item>(items: readonly Item[], look: (item: Item, i: number) => string | undefined): string | undefined {
  for (const [i, item] of items.entries()) {
    const found = look(item, i)
    if (found !== undefined) return found
  }
}

import fc from 'fast-check'
import type { Schema } from './document.ts'
import { type Places, textOf } from './texts.ts'

const ABSENT = Symbol('absent')
const ITEMS_MOST = 3

/** Values that the schema allows. `name`: of the field, which tells what its text is for. */
export function schemaValue(schema: Schema, name: string, places: Places): fc.Arbitrary<unknown> {
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) return fc.oneof(...choices.map((choice) => schemaValue(choice, name, places)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const types = [schema.type ?? []].flat()
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 })
  return fc.oneof(...types.map((type) => typed(type, schema, name, places)))
}

function typed(type: string, schema: Schema, name: string, places: Places): fc.Arbitrary<unknown> {
  if (type === 'string') return textOf(schema, name, places)
  if (type === 'integer' || type === 'number') return numberOf(type, schema)
  if (type === 'boolean') return fc.boolean()
  if (type === 'array') return listOf(schema, name, places)
  return type === 'object' ? recordOf(schema, places) : fc.constant(null)
}

function numberOf(type: string, { minimum, maximum, exclusiveMinimum }: Schema): fc.Arbitrary<number> {
  const least = minimum ?? (exclusiveMinimum === undefined ? -10 : exclusiveMinimum + 1)
  const most = Math.max(least, maximum ?? 250)
  const edges = fc.constantFrom(least, most)
  const inside = type === 'integer' || Number.isInteger(least + most) ? fc.integer({ min: Math.ceil(least), max: Math.floor(most) }) : edges
  return type === 'integer' ? fc.oneof(inside, edges) : fc.oneof(inside, edges, fc.double({ min: least, max: most, noNaN: true }))
}

function listOf({ items = {}, minItems = 0, maxItems = 1_000 }: Schema, name: string, places: Places): fc.Arbitrary<unknown[]> {
  const most = Math.max(minItems, Math.min(maxItems, ITEMS_MOST))
  return fc.array(schemaValue(items, name, places), { minLength: minItems, maxLength: most })
}

/** What is optional is there one time in four, so that it seldom contradicts the rest. */
function recordOf(schema: Schema, places: Places): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [], propertyNames = { type: 'string', maxLength: 20 }, additionalProperties } = schema
  const fields = Object.entries(properties).map(([name, own]) => {
    const value = schemaValue(own, name, places)
    return required.includes(name) ? value : fc.oneof({ weight: 3, arbitrary: fc.constant(ABSENT) }, { weight: 1, arbitrary: value })
  })
  const more =
    typeof additionalProperties === 'object' && Object.keys(properties).length === 0
      ? fc.dictionary(schemaValue(propertyNames, '', places).map(String), schemaValue(additionalProperties, '', places), {
          maxKeys: ITEMS_MOST,
        })
      : fc.constant({})
  return fc.tuple(fc.tuple(...fields), more).map(([values, rest]) => {
    const present = Object.keys(properties).map((name, i) => [name, values[i]] as const)
    return { ...rest, ...Object.fromEntries(present.filter(([, value]) => value !== ABSENT)) }
  })
}

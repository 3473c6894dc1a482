import { isDeepStrictEqual } from 'node:util'
import { invalidField } from '#kit/errors'

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** send_at -> sendAt; a leading underscore stays. */
export const camel = (key: string): string => key.replace(/(?<=[A-Za-z0-9])_+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase())
/** sendAt -> send_at. */
export const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Whose insides are the caller's own words. */
const CALLERS_OWN = 'variables'
/** Whose insides are spelled by WhatsApp. */
const FIXED = 'waMessageKey'

/** Every key in both spellings, however deep: older clients read one, newer ones the other. */
export function dual<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(dual) as Value // an array stays one
  if (!isObject(value)) return value
  const shown: Json = {}
  for (const [key, inner] of Object.entries(value)) {
    shown[key] = key === CALLERS_OWN || key === FIXED ? inner : dual(inner)
    shown[snake(key)] = shown[key]
  }
  return shown as Value // what it had, and the same again
}

/** A body or query in either spelling -> camelCase. Throws `invalid` when both spellings of one field are there and differ. */
export function foldKeys(value: unknown, path = ''): unknown {
  if (Array.isArray(value)) return value.map((item, i) => foldKeys(item, join(path, String(i))))
  if (!isObject(value)) return value
  const folded = new Map<string, unknown>()
  for (const [key, inner] of Object.entries(value)) {
    const name = camel(key)
    const said = name === CALLERS_OWN ? inner : foldKeys(inner, join(path, name))
    if (folded.has(name) && !isDeepStrictEqual(folded.get(name), said))
      throw invalidField(join(path, name), `is given in two spellings that differ: ${name} and ${snake(name)}`)
    folded.set(name, said)
  }
  return Object.fromEntries(folded)
}

const join = (path: string, key: string) => (path ? `${path}.${key}` : key)

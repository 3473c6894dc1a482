import { z } from 'zod'

/** How a generation of clients reads an object. */
export type Reader = {
  spell(name: string): string
  /** Whether a null may also be left out. */
  nullMayBeAbsent: boolean
  /** A time, as strictly as it looks at one. */
  time: z.ZodType
}

/** What a client wants of one field. */
export type Field = (reader: Reader) => z.ZodType
export type Fields = Readonly<Record<string, Field>>

export const text: Field = () => z.string()
export const whole: Field = () => z.int()
export const flag: Field = () => z.boolean()
export const yes: Field = () => z.literal(true)
export const time: Field = ({ time: strictly }) => strictly
/** A time that every client parses. */
export const moment: Field = () => z.iso.datetime({ offset: true })
export const oneOf =
  (...words: string[]): Field =>
  () =>
    z.enum(words)
export const listOf =
  (field: Field): Field =>
  (reader) =>
    z.array(field(reader))
export const wordMap: Field = () => z.record(z.string(), z.string())
/** May be null, and then it stands there as null. */
export const maybe =
  (field: Field): Field =>
  (reader) =>
    reader.nullMayBeAbsent ? field(reader).nullish() : field(reader).nullable()
/** May be left out; null is something else. */
export const unless =
  (field: Field): Field =>
  (reader) =>
    field(reader).optional()

/** The object of these fields as a generation reads it: other keys are ignored by all of them. */
export const object =
  (fields: Fields): Field =>
  (reader) =>
    z.object(Object.fromEntries(Object.entries(fields).map(([name, field]) => [reader.spell(name), field(reader)])))

export const pageOf = (row: Field): Field => object({ data: listOf(row), hasMore: flag, nextCursor: maybe(text) })

const CALLERS_OWN = 'variables'
export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
export const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Every key of it spelled anew, but the caller's own words. */
export function respell(value: unknown, spell: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => respell(item, spell))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [spell(name), name === CALLERS_OWN ? inner : respell(inner, spell)]),
  )
}

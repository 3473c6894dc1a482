/** A JSON object from outside, its fields unknown; anything else has no fields. */
export type Fields = Readonly<Record<string, unknown>>

const NONE: Fields = {}

// an object that is no array has string keys; nothing is claimed about the values
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NONE
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
export const isFields = (value: unknown): boolean => fields(value) !== NONE

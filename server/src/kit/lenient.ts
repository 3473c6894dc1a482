/** Reads foreign JSON without ever throwing: what has another shape than hoped for is simply not there. */
export type Fields = Readonly<Record<string, unknown>>

const NOTHING: Fields = {}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object; an empty one for anything else. */
export const fields = (value: unknown): Fields => (isFields(value) ? value : NOTHING)

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A text with something in it. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** A number, or a text that is one. */
export function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || !/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return undefined
  return Number(value)
}

/** An id, which some senders write as a number. */
export const id = (value: unknown): string | undefined => text(value) ?? (typeof value === 'number' ? String(value) : undefined)

/** Those of `names` that are texts, under our names for them. */
export function texts<Ours extends string>(source: Fields, names: Readonly<Record<Ours, string>>): { [Name in Ours]?: string } {
  const found: { [Name in Ours]?: string } = {}
  for (const ours in names) {
    const value = text(source[names[ours]])
    if (value !== undefined) found[ours] = value
  }
  return found
}

/** Without the fields that are undefined. */
export function known<Given extends object>(given: Given): { [Key in keyof Given]: Exclude<Given[Key], undefined> } {
  for (const key in given) if (given[key] === undefined) delete given[key]
  return given as { [Key in keyof Given]: Exclude<Given[Key], undefined> } // the loop is what the type says
}

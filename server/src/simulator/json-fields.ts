export { type Fields, fields, isFields, list } from '#kit/lenient'

/** A text, an empty one too: the network says what is wrong with it. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

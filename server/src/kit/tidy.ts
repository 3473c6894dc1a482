const DEPTH_MOST = 64

/**
 * Makes parsed JSON storable: no U+0000, no half surrogate pairs, no endless nesting, since one such text would hold up
 * everything behind it. Changes it in place; what is deeper than 64 levels becomes null.
 */
export function tidy(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return tidyText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MOST) return null
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = tidy(value[i], depth + 1)
    return value
  }
  const object = value as Record<string, unknown> // neither null nor a list
  for (const key of Object.keys(object)) {
    const before = object[key]
    const after = tidy(before, depth + 1)
    const name = tidyText(key)
    if (name !== key) delete object[key]
    if (name !== key || after !== before) object[name] = after
  }
  return object
}

const tidyText = (text: string): string => {
  const bare = text.includes('\0') ? text.replaceAll('\0', '') : text
  return bare.isWellFormed() ? bare : bare.toWellFormed()
}

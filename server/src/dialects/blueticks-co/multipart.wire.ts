const TRUTHS: Readonly<Record<string, boolean>> = { true: true, false: false }

/** Form fields are all text: those that JSON would have as something else become it. */
export function toFields(parts: readonly (readonly [string, string])[]): Record<string, unknown> {
  const fields = new Map<string, unknown>()
  for (const [given, text] of parts) {
    const name = given.replace(/\[\]$/, '')
    const before = fields.get(name)
    if (isList(name)) fields.set(name, [...(Array.isArray(before) ? before : []), ...listOf(text)])
    else fields.set(name, before === undefined ? typed(name, text) : [before, text].flat()) // twice is wrong, and the schema says so
  }
  return Object.fromEntries(fields)
}

const isList = (name: string) => /^poll_?options$/i.test(name)

function typed(name: string, text: string): unknown {
  if (/^(poll_?allow_?multiple|with_?typing)$/i.test(name)) return TRUTHS[text] ?? text
  if (/^typing_?seconds$/i.test(name)) return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
  return text
}

/** A list comes as repeated fields or as one of JSON. */
function listOf(text: string): unknown[] {
  if (!text.trimStart().startsWith('[')) return [text]
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : [text]
  } catch {
    return [text]
  }
}

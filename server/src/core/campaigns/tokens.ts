import { Content } from '#core/content'

/** `{name}` with spaces within or none; `{{name}}` is no token. */
const TOKEN = /(?<!\{)\{\s*([A-Za-z_][A-Za-z0-9_]{0,31})\s*\}(?!\})/g

/** Words that every person has, unless a variable of that name says otherwise. */
export const BUILT_IN = ['whatsappname', 'displayname', 'phone', 'mobile'] as const

/** What is no text: names of things, choices among few. */
const FIXED = new Set(['type', 'kind', 'mediaId', 'messageId', 'id', 'language'])

/** Every token in a content, in small letters, each once. */
export function tokensOf(content: Content): string[] {
  const found = new Set<string>()
  eachText(content, (text) => {
    for (const [, name = ''] of text.matchAll(TOKEN)) found.add(name.toLowerCase())
    return text
  })
  return [...found]
}

/** The content for one person; `words` by small letters, a token without a word stays as it is. undefined: the words made it longer than WhatsApp allows. */
export function render(content: Content, words: ReadonlyMap<string, string>): Content | undefined {
  const rendered = eachText(content, (text) => text.replace(TOKEN, (token, name: string) => words.get(name.toLowerCase()) ?? token))
  return Content.safeParse(rendered).data
}

/** The words of one person: what is said of him, then what everybody has. */
export function wordsOf(variables: Readonly<Record<string, string>>, builtIn: Readonly<Record<string, string>>): Map<string, string> {
  const words = new Map(Object.entries(builtIn))
  for (const [name, word] of Object.entries(variables)) words.set(name.toLowerCase(), word)
  return words
}

function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => eachText(one, change))
  if (value === null || typeof value !== 'object') return value
  const isTemplate = 'type' in value && value.type === 'template'
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, FIXED.has(key) || (isTemplate && key === 'name') ? part : eachText(part, change)]),
  )
}

const LENGTH_MOST = 255
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const HIDDEN = /[\0-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** The name of a file without folders, control characters and marks that turn its reading round; undefined when nothing is left. */
export function cleanFilename(name: string | undefined): string | undefined {
  const last = name?.replace(HIDDEN, '').split(/[\\/]/).pop()?.trim() ?? ''
  if (last === '' || /^\.+$/.test(last)) return undefined
  if (last.length <= LENGTH_MOST) return last
  const ending = /\.[^.]{1,16}$/.exec(last)?.[0] ?? ''
  return last.slice(0, LENGTH_MOST - ending.length).toWellFormed() + ending
}

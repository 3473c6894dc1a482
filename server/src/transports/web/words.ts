import type { InboundContent } from '#core/content'
import { tidy } from '#kit/tidy'

/** Longer than any phone writes. */
const TEXT_MOST = 65_536

/** A text that can be stored; undefined: there is none. */
export function words(text: string | null | undefined, most = TEXT_MOST): string | undefined {
  if (!text) return undefined
  const clean = tidy(text.slice(0, most))
  return typeof clean === 'string' && clean !== '' ? clean : undefined
}

const NAME_MOST = 256

/** What somebody is called. */
export function nameOf(name: string | null | undefined): string | undefined {
  const clean = words(name, NAME_MOST)
  return clean?.trim() === '' ? undefined : clean
}

/** The first of these that says something, as a text; undefined: none does. */
export function textOf(...candidates: readonly (string | null | undefined)[]): InboundContent | undefined {
  for (const candidate of candidates) {
    const text = words(candidate)
    if (text !== undefined) return { type: 'text', text }
  }
  return undefined
}

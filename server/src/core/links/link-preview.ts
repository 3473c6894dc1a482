/** What a page says of itself; undefined: nothing. */
export type LinkPreview = {
  title: string | undefined
  description: string | undefined
  /** The address that the page wants to be known by. */
  canonicalUrl: string | undefined
  /** Where its picture is. */
  thumbnail: string | undefined
}

export const NO_PREVIEW: LinkPreview = { title: undefined, description: undefined, canonicalUrl: undefined, thumbnail: undefined }

export const URL_MOST = 2048
const FIRST_URL = /\bhttps?:\/\/[^\s<>"']+/i
/** What ends a sentence and not a URL. */
const AFTER_A_URL = '.,;:!?)]}*_~'

/** The first URL in a text, without the punctuation behind it; undefined also when it is too long to be called. */
export function firstUrl(text: string): string | undefined {
  const found = FIRST_URL.exec(text)?.[0] ?? ''
  let end = found.length
  while (end > 0 && AFTER_A_URL.includes(found.charAt(end - 1))) end--
  const url = found.slice(0, end)
  return url.length <= URL_MOST && URL.canParse(url) ? url : undefined
}

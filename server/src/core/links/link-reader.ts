import { createCache } from '#kit/cache'
import { DomainError, invalidField } from '#kit/errors'
import { type HttpClient, HttpClientError } from '#kit/http-client'
import { type LinkPreview, NO_PREVIEW } from './link-preview.ts'

/** Reads what is behind links; a page that was read a few minutes ago is not asked again. */
export interface LinkReader {
  /** Nothing of a page that is none or does not answer. Throws `invalid` about `url` when it must not be called, `unavailable` when too many are being read. */
  read(url: string): Promise<LinkPreview>
}

declare module '#kit/context' {
  interface Ports {
    links: LinkReader
  }
}

const TIMEOUT_MS = 5_000
/** The head of a page is at its beginning. */
const BYTES_MOST = 256 * 1024
const REDIRECTS_MOST = 3
const AT_ONCE = 32
const PAGES_MOST = 1_000
const AGE_MS = 5 * 60_000
const HEADERS = { accept: 'text/html,application/xhtml+xml', 'user-agent': 'Chasqui/2 (link preview)' }

export function openLinkReader({ http }: { http: Pick<HttpClient, 'check' | 'request'> }): LinkReader {
  const known = createCache<LinkPreview>({ most: PAGES_MOST, ageMs: AGE_MS })
  const reading = new Map<string, Promise<LinkPreview>>()
  return {
    async read(url) {
      http.check(url)
      const found = known.get(url) ?? reading.get(url)
      if (found) return found
      if (reading.size >= AT_ONCE) throw new DomainError('unavailable', 'Too many pages are being read already')
      const work = fetchPage(http, url)
        .then((preview) => {
          known.set(url, preview)
          return preview
        })
        .finally(() => reading.delete(url))
      reading.set(url, work)
      return work
    },
  }
}

const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i

async function fetchPage(http: Pick<HttpClient, 'request'>, url: string): Promise<LinkPreview> {
  try {
    const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: BYTES_MOST, tooLong: 'cut', followRedirects: REDIRECTS_MOST } as const
    const answer = await http.request({ method: 'GET', url, headers: HEADERS, ...bounds })
    const contentType = answer.headers['content-type'] ?? ''
    if (answer.status < 200 || answer.status > 299 || !HTML.test(contentType)) return NO_PREVIEW
    const { readPage } = await import('./read-page.ts') // with its parser 10 MB: a house at rest does without
    return readPage({ html: answer.body, contentType, url: answer.url })
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error
    if (error.reason === 'refused_url' || error.reason === 'refused_address') throw invalidField('url', error.message)
    if (error.reason === 'busy') throw new DomainError('unavailable', error.message)
    return NO_PREVIEW
  }
}

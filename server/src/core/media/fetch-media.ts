import { z } from 'zod'
import { DomainError, invalidField } from '#kit/errors'
import { HttpClientError } from '#kit/http-error'
import { operation } from '#kit/operation'
import type { Media } from './media.ts'
import { BYTES_MOST, keepFile } from './store-media.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The guarded way out: it reaches no address inside the house's own networks. */
export interface GuardedHttp {
  /** Throws `invalid`, about the field `path`, on a URL that will never be reached. */
  check(url: string, path?: string): void
  /** Throws HttpClientError when the address is refused, the answer too large or too slow, or nobody answers. */
  request(request: { method: 'GET'; url: string; timeoutMs: number; maxBytes: number; followRedirects: number }): Promise<{
    status: number
    headers: Headers
    body: Buffer
  }>
}

declare module '#kit/context' {
  interface Ports {
    http: GuardedHttp
  }
}

const TIMEOUT_MS = 20_000 // clients of the products give up after 30 s, and then ask again
const REDIRECTS_MOST = 3

export const fetchMedia = operation({
  name: 'media.fetch',
  does: 'Fetch a file from a public URL and keep it.',
  needs: 'media:write',
  mayRefuse: ['invalid', 'too_large'],
  transaction: 'none', // nothing is locked while a stranger's server takes its time
  input: z.strictObject({
    url: z.string().max(2_048),
    filename: z.string().max(1024).optional(),
    mimeType: z.string().max(255).optional(),
  }),
  async run(ctx, { url, filename, mimeType }): Promise<Media> {
    ctx.ports.http.check(url)
    const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: BYTES_MOST, followRedirects: REDIRECTS_MOST }
    const { status, headers, body } = await ctx.ports.http.request({ method: 'GET', url, ...bounds }).catch(notFetched)
    if (status < 200 || status > 299) throw invalidField('url', `answered with status ${status}`, 'not_fetched')
    return keepFile(ctx, {
      bytes: body,
      mimeType: mimeType ?? headerOf(headers, 'content-type'),
      filename: filename ?? nameIn(headerOf(headers, 'content-disposition')) ?? nameInPath(url),
      source: 'url',
    })
  },
})

/** Why there is no file is the caller's to mend: it is their URL. */
function notFetched(error: unknown): never {
  if (!(error instanceof HttpClientError)) throw error
  if (error.reason === 'busy') throw new DomainError('unavailable', error.message)
  if (error.reason === 'too_large')
    throw new DomainError('too_large', error.message, { issues: [{ path: 'url', code: 'too_big', message: error.message }] })
  throw invalidField('url', `could not be fetched: ${error.message}`, 'not_fetched')
}

const headerOf = (headers: Headers, name: string): string | undefined => [headers[name]].flat()[0]

/** The name in a Content-Disposition; the encoded form before the plain one. */
function nameIn(disposition: string | undefined): string | undefined {
  const encoded = /filename\*=utf-8'[^']*'([^;]+)/i.exec(disposition ?? '')?.[1]
  return encoded === undefined ? /filename="?([^";]+)"?/i.exec(disposition ?? '')?.[1] : decoded(encoded)
}

/** The last part of a URL's path, when it looks like the name of a file. */
function nameInPath(url: string): string | undefined {
  const last = decoded(new URL(url).pathname.split('/').pop() ?? '')
  return last !== undefined && /[^.]\.[a-z0-9]{1,8}$/i.test(last) ? last : undefined
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

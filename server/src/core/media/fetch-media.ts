import { z } from 'zod'
import { invalidField } from '#kit/errors'
import { operation } from '#kit/operation'
import type { Media } from './media.ts'
import { BYTES_MOST, keepFile } from './store-media.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The guarded way out: it reaches no address inside the house's own networks. */
export interface GuardedHttp {
  /** Throws `invalid` on a URL that will never be reached. */
  check(url: string): void
  /** Throws a DomainError when the address is refused, the answer too large or too slow, or nobody answers. */
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

const TIMEOUT_MS = 30_000
const REDIRECTS_MOST = 3

export const fetchMedia = operation({
  name: 'media.fetch',
  does: 'Fetch a file from a public URL and keep it.',
  needs: 'media:write',
  mayRefuse: ['invalid', 'too_large'],
  transaction: 'none', // nothing is locked while a stranger's server takes its time
  input: z.strictObject({ url: z.string().max(2_048), filename: z.string().max(1024).optional() }),
  async run(ctx, { url, filename }): Promise<Media> {
    ctx.ports.http.check(url)
    const { status, headers, body } = await ctx.ports.http.request({
      method: 'GET',
      url,
      timeoutMs: TIMEOUT_MS,
      maxBytes: BYTES_MOST,
      followRedirects: REDIRECTS_MOST,
    })
    if (status < 200 || status > 299) throw invalidField('url', `answered with status ${status}`, 'not_fetched')
    const mimeType = headerOf(headers, 'content-type')
    return keepFile(ctx, {
      bytes: body,
      mimeType,
      filename: filename ?? nameIn(headerOf(headers, 'content-disposition')) ?? nameInPath(url),
      source: 'url',
    })
  },
})

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

import { isIP } from 'node:net'
import { type AddressRules, addressRules } from './address-rules.ts'
import { invalidField } from './errors.ts'
import { HttpClientError, toHttpError } from './http-error.ts'
import { type HttpAnswer, type HttpBounds, type HttpEnd, HttpExchange } from './http-exchange.ts'
import { type OriginBounds, type Origins, openOrigins, type Resolve, systemResolve } from './http-origins.ts'

export { HttpClientError, type HttpFailure } from './http-error.ts'
export type { HttpAnswer } from './http-exchange.ts'

export type HttpRequest = {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  /** From now to the last byte, redirects included; at most 5 min. */
  timeoutMs: number
  /** Of the answer's body; a longer one is refused, or cut when `tooLong` says so. */
  maxBytes: number
  tooLong?: 'refuse' | 'cut'
  /** How many a GET or HEAD may follow, at most 3; none by default: the redirect itself is the answer. */
  followRedirects?: number
}

/** The one way out for URLs that users gave us: it never reaches networks that are not open to them. */
export interface HttpClient {
  /** `url`: where the answer came from, after redirects. Throws HttpClientError and nothing else. */
  request(request: HttpRequest): Promise<HttpAnswer & { url: string }>
  /** Throws DomainError 'invalid' for a URL that can never be called; a name may still lead to a refused address later. */
  check(url: string, path?: string): void
  /** Waits for what is under way. */
  close(): Promise<void>
}

export type HttpClientOptions = Partial<OriginBounds> & {
  /** Networks that users may reach although they are not public, and by plain http. */
  allowNetworks: readonly string[]
  resolve?: Resolve
}

const URL_MOST_LETTERS = 2048
const REDIRECTS_MOST = 3
const TIMEOUT_MOST_MS = 300_000

export function openHttpClient(options: HttpClientOptions): HttpClient {
  const { allowNetworks, resolve = systemResolve, origins: most = 1000, connectionsPerOrigin = 64, waitingPerOrigin = 2000 } = options
  const rules = addressRules(allowNetworks)
  const plain = allowNetworks.length > 0
  const origins = openOrigins(rules, resolve, { origins: most, connectionsPerOrigin, waitingPerOrigin })
  const parse = (text: string) => parseUrl(text, rules, plain)
  return {
    async request(request) {
      const url = parse(request.url)
      if (typeof url === 'string') throw new HttpClientError('refused_url', url)
      if (request.followRedirects) return follow(origins, request, url, parse)
      return { ...(await exchange(origins, request, url)), url: url.href }
    },
    check(text, path = 'url') {
      const url = parse(text)
      if (typeof url === 'string') throw invalidField(path, url)
    },
    close: () => origins.close(),
  }
}

/** The URL, or why it can never be called. */
function parseUrl(text: string, rules: AddressRules, plain: boolean): URL | string {
  if (text.length > URL_MOST_LETTERS) return `A URL may have ${URL_MOST_LETTERS} letters at most`
  const url = URL.parse(text)
  if (!url) return 'This is not a URL'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'Only https URLs can be called'
  if (url.protocol === 'http:' && !plain) return 'Only https URLs can be called, not plain http'
  if (url.username || url.password) return 'A URL must not carry a user name or a password'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) && !rules.mayCall(host, url.protocol)) return `${host} is not an address that can be called`
  if (/(^|\.)localhost\.?$/.test(host) && !rules.isAllowed('127.0.0.1') && !rules.isAllowed('::1')) return 'localhost cannot be called'
  return url
}

async function exchange(origins: Origins, request: HttpRequest, url: URL): Promise<HttpAnswer> {
  const origin = origins.enter(url)
  const { method, headers, body, maxBytes } = request
  const tooLong = method === 'HEAD' ? 'cut' : (request.tooLong ?? 'refuse') // it tells the length of a body that it does not send
  const bounds: HttpBounds = { timeoutMs: Math.min(request.timeoutMs, TIMEOUT_MOST_MS), maxBytes, tooLong }
  const end = await new Promise<HttpEnd>((done) => {
    origin.pool.dispatch(
      { method, path: url.pathname + url.search, headers: headers ?? null, body: body ?? null },
      new HttpExchange(bounds, done),
    )
  })
  origins.leave(origin)
  if ('error' in end) throw toHttpError(end.error)
  return end.answer
}

type Answered = HttpAnswer & { url: string }

async function follow(origins: Origins, request: HttpRequest, first: URL, parse: (text: string) => URL | string): Promise<Answered> {
  const most = request.method === 'GET' || request.method === 'HEAD' ? Math.min(request.followRedirects ?? 0, REDIRECTS_MOST) : 0
  const end = performance.now() + request.timeoutMs
  let headers = request.headers ?? {}
  let url = first
  for (let taken = 0; ; taken++) {
    const answer = await exchange(origins, { ...request, headers, timeoutMs: Math.max(1, end - performance.now()) }, url)
    const { location } = answer.headers
    if (most === 0 || location === undefined || !REDIRECT_STATUSES.has(answer.status)) return { ...answer, url: url.href }
    if (taken === most) throw new HttpClientError('redirects', `More than ${most} redirects`)
    const next = parse(URL.parse(location, url.href)?.href ?? location)
    if (typeof next === 'string') throw new HttpClientError('refused_url', `Redirected to a place that cannot be called: ${next}`)
    if (next.origin !== url.origin) headers = withoutCredentials(headers)
    url = next
  }
}

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])
const HARMLESS = new Set(['accept', 'accept-language', 'user-agent'])

/** Any header may be a credential; what another origin gets is named. */
const withoutCredentials = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())))

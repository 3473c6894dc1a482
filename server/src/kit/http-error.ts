export type HttpFailure =
  | 'refused_url' // can never be called: scheme, credentials in it, not a URL
  | 'refused_address' // leads to a network that is not open to users
  | 'dns' // the name has no address
  | 'connection' // refused, reset or broken off
  | 'tls' // the certificate or the handshake
  | 'timeout' // longer than the caller was ready to wait
  | 'too_large' // the answer
  | 'redirects' // more than asked for
  | 'called_off' // by the caller
  | 'busy' // too many requests are under way already

/** Why a request got no answer. The message names at most the host: a path or a query may carry secrets. */
export class HttpClientError extends Error {
  readonly reason: HttpFailure

  constructor(reason: HttpFailure, message: string) {
    super(message)
    this.name = 'HttpClientError'
    this.reason = reason
  }
}

/** Puts an error of undici, TLS, DNS or the socket into our words. */
export function toHttpError(error: Error & { code?: unknown }): HttpClientError {
  if (error instanceof HttpClientError) return error
  const code = typeof error.code === 'string' ? error.code : ''
  const reason = reasonOf(code)
  return new HttpClientError(reason, `${WORDS[reason]}${code ? ` (${code})` : ''}`)
}

const WORDS = {
  dns: 'The host name has no address',
  tls: 'The TLS connection failed',
  timeout: 'No connection in time',
  too_large: 'The answer has too long a head',
  connection: 'The connection failed',
} as const

function reasonOf(code: string): keyof typeof WORDS {
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code.startsWith('EAI_')) return 'dns'
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/.test(code)) return 'tls'
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'timeout'
  return code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW' ? 'too_large' : 'connection'
}

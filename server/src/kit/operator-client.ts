import { type Dispatcher, Pool } from 'undici'
import { HttpClientError, type HttpFailure, toHttpError } from './http-error.ts'
import { type HttpAnswer, type HttpBounds, HttpExchange } from './http-exchange.ts'

export type OperatorRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  timeoutMs: number
  /** Of the answer's body; 1 MB when absent. */
  maxBytes?: number
  /** Asked when a connection is there and the first byte would leave now; false calls it off. */
  mayWrite?: () => boolean
  signal?: AbortSignal
}

/** Whether a request that got no answer may safely be made again is the difference between the last two. */
export type OperatorResult =
  | ({ kind: 'answer' } & HttpAnswer)
  /** Nothing reached the peer: no connection, called off, or given up while waiting for one. */
  | { kind: 'not_written'; reason: HttpFailure; message: string }
  /** It was written, at least in part; nobody knows what the peer made of it. */
  | { kind: 'unknown'; reason: HttpFailure; message: string }

/** A client for one host that the operator chose. It makes every request once, never again by itself. */
export interface OperatorClient {
  request(request: OperatorRequest): Promise<OperatorResult>
  /** Waits for what is under way. */
  close(): Promise<void>
}

export type OperatorClientOptions = {
  /** Scheme, host and port. */
  origin: string
  connections: number
  connectTimeoutMs?: number
  /** Idle connections are closed after this, before the peer does it: 4 s suits servers that keep them 5 s. */
  keepAliveMs?: number
}

const ANSWER_MOST_BYTES = 1_000_000

export function openOperatorClient(options: OperatorClientOptions): OperatorClient {
  const { origin, connections, connectTimeoutMs = 5000, keepAliveMs = 4000 } = options
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    allowH2: false, // HTTP/2 requests can be repeated by the client when the peer says goodbye
    headersTimeout: 0, // the exchange has one bound for all of it
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connect: { timeout: connectTimeoutMs, autoSelectFamily: true },
  })
  return {
    request: (request) => ask(pool, request),
    close: () => pool.close(),
  }
}

function ask(pool: Dispatcher, request: OperatorRequest): Promise<OperatorResult> {
  const { method, path, headers = null, body = null, timeoutMs, maxBytes = ANSWER_MOST_BYTES, mayWrite, signal } = request
  const bounds: HttpBounds = { timeoutMs, maxBytes, tooLong: 'refuse' }
  return new Promise((done) => {
    const giveUp = () => exchange.abandon(new HttpClientError('called_off', 'Called off'))
    const exchange = new HttpExchange(
      bounds,
      (end) => {
        signal?.removeEventListener('abort', giveUp)
        if ('answer' in end) return done({ kind: 'answer', ...end.answer })
        const { reason, message } = toHttpError(end.error)
        done({ kind: end.written ? 'unknown' : 'not_written', reason, message })
      },
      mayWrite,
    )
    if (signal?.aborted) {
      giveUp()
      return
    }
    signal?.addEventListener('abort', giveUp)
    pool.dispatch({ method, path, headers, body }, exchange)
  })
}

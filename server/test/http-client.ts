import { createServer, type RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'
import { type HttpClientError, type HttpClientOptions, type HttpRequest, openHttpClient } from '../src/kit/http-client.ts'
import { listen } from './loopback.ts'

/** A server on loopback for one test. */
export const serve = (listener: RequestListener) => listen(createServer(listener))

/** A client for one test; it may go to loopback. */
export function client(options: Partial<HttpClientOptions> = {}) {
  const made = openHttpClient({ allowNetworks: ['127.0.0.0/8'], ...options })
  onTestFinished(() => made.close())
  return (request: Partial<HttpRequest> & { url: string }) => made.request({ method: 'GET', timeoutMs: 5000, maxBytes: 10_000, ...request })
}

/** Why a request failed. */
export const fails = (request: Promise<unknown>) =>
  request.then(
    () => 'an answer',
    (error: HttpClientError) => error.reason,
  )

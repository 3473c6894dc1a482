import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { HttpClientError } from './http-error.ts'

export type HttpAnswer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

/** How an exchange ended; `written`: the peer may have seen the request. */
export type HttpEnd = { answer: HttpAnswer } | { error: Error; written: boolean }

export type HttpBounds = {
  /** From now to the last byte of the answer, waiting for a connection included. */
  timeoutMs: number
  /** Of the answer's body. */
  maxBytes: number
  /** A longer body ends the exchange as an error, or ('cut') as an answer with its first `maxBytes`. */
  tooLong: 'refuse' | 'cut'
}

const NEVER_ASKED = () => true
const EMPTY = Buffer.alloc(0)

/** One request on its way: gathers the answer within its bounds and says exactly once how it ended. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  #written = false
  #over = false
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #chunks: Buffer[] = []
  #bytes = 0
  readonly #bounds: HttpBounds
  readonly #done: (end: HttpEnd) => void
  readonly #mayWrite: () => boolean
  readonly #timer: NodeJS.Timeout

  constructor(bounds: HttpBounds, done: (end: HttpEnd) => void, mayWrite: () => boolean = NEVER_ASKED) {
    this.#bounds = bounds
    this.#done = done
    this.#mayWrite = mayWrite
    this.#timer = setTimeout(
      () => this.abandon(new HttpClientError('timeout', `No answer within ${bounds.timeoutMs} ms`)),
      bounds.timeoutMs,
    )
  }

  /** Gives up, wherever it stands; the connection goes with it. */
  abandon(error: Error): void {
    if (this.#over) return
    this.#end({ error, written: this.#written })
    this.#controller?.abort(error)
  }

  /** undici has a connection and writes when this returns: the last moment to change one's mind. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new HttpClientError('timeout', 'Given up before it began'))
    else if (this.#mayWrite()) this.#written = true
    else this.abandon(new HttpClientError('called_off', 'Called off before it began'))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return // 100 and 103 come before the answer
    this.#status = status
    this.#headers = headers
    if (this.#bounds.tooLong === 'refuse' && Number(headers['content-length']) > this.#bounds.maxBytes) this.#tooLong()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return
    this.#bytes += chunk.length
    this.#chunks.push(chunk)
    if (this.#bytes > this.#bounds.maxBytes) this.#tooLong()
  }

  onResponseEnd(): void {
    this.#end({ answer: this.#answer() })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end({ error, written: this.#written })
  }

  #tooLong(): void {
    const error = new HttpClientError('too_large', `The answer is longer than ${this.#bounds.maxBytes} bytes`)
    if (this.#bounds.tooLong === 'refuse') {
      this.abandon(error)
      return
    }
    const { status, headers, body } = this.#answer()
    this.#end({ answer: { status, headers, body: body.subarray(0, this.#bounds.maxBytes) } })
    this.#controller?.abort(error)
  }

  #answer(): HttpAnswer {
    const [only = EMPTY] = this.#chunks
    return { status: this.#status, headers: this.#headers, body: this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : only }
  }

  #end(end: HttpEnd): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#done(end)
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export type WebServer = { url: string; close(): Promise<void> }
type Answering = {
  /** Judges a request by its head, before its body is read. */
  refuse(request: Request): Response | undefined
  answer(request: Request): Promise<Response>
}

const BODY_MOST = 4 * 1024 * 1024
const AT_ONCE_MOST = 64
const CONNECTIONS_MOST = 256

/** An HTTP server in the web's own words: bounded in bodies, connections, time, and in what it does at once. */
export async function openWebServer({ host, port, ...answering }: Answering & { host: string; port: number }): Promise<WebServer> {
  let open = 0
  const bounds = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 }
  const server = createServer(bounds, async (incoming, outgoing) => {
    open++
    try {
      await write(open > AT_ONCE_MOST ? problem(503, 'Too many requests at once') : await respond(answering, incoming, outgoing), outgoing)
    } catch {
      if (outgoing.headersSent) outgoing.destroy()
      else await write(problem(400, 'The request could not be read'), outgoing).catch(() => outgoing.destroy())
    } finally {
      open--
    }
  })
  server.maxConnections = CONNECTIONS_MOST
  await new Promise<void>((listening, fail) => server.once('error', fail).listen(port, host, listening))
  const { port: taken } = server.address() as AddressInfo // it listens on a port, not on a pipe
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${taken}`,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** A refusal of HTTP's own, as JSON-RPC says one that belongs to no call. */
export const problem = (status: number, detail: string, headers: Record<string, string> = {}): Response =>
  Response.json({ jsonrpc: '2.0', id: null, error: { code: -32_000, message: detail } }, { status, headers })

async function respond({ refuse, answer }: Answering, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headersDistinct)) for (const one of value ?? []) headers.append(name, one)
  const { method = 'GET', url = '/' } = incoming
  const head = new Request(new URL(url, 'http://localhost'), { method, headers, signal: gone.signal })
  const refusal = refuse(head)
  if (refusal || method === 'GET' || method === 'HEAD') return refusal ?? answer(head)
  const body = await readBody(incoming)
  if (body === undefined) return problem(413, 'A request has at most 4 MiB', { connection: 'close' })
  return answer(new Request(head, { body }))
}

/** undefined when it is too large; the rest is read and dropped, since who is still writing would not hear the answer. */
function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  const pieces: Buffer[] = []
  let size = 0
  return new Promise((done, fail) => {
    incoming.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > BODY_MOST) done(undefined)
      else pieces.push(piece)
    })
    incoming.once('end', () => done(Buffer.concat(pieces)))
    incoming.once('error', fail)
    incoming.once('close', () => fail(new Error('the caller went away')))
  })
}

async function write(answer: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body)
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), outgoing) // the same stream, by Node's type
  else outgoing.end()
}

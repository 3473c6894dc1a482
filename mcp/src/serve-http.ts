import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createMcpHandler, hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server'
import { isHeaderWord } from './config.ts'
import { createServer, type Household } from './create-server.ts'

export type HttpPlace = { host: string; port: number; hostnames: readonly string[] }
export type HttpHandle = { url: string; close(): Promise<void> }

const PATH = '/mcp'
const BODY_MOST = 4 * 1024 * 1024
const AT_ONCE_MOST = 64
const CONNECTIONS_MOST = 256
const SUBSCRIPTIONS_MOST = 16
const BEARER = /^Bearer +(\S+)$/i

/** Serves MCP at /mcp; each request is answered with the key that it brings, and none is kept. */
export async function serveHttp(household: Household, { host, port, hostnames }: HttpPlace): Promise<HttpHandle> {
  const handler = createMcpHandler(({ authInfo }) => createServer(household, authInfo?.token ?? ''), {
    maxRequestBodySize: BODY_MOST,
    maxSubscriptions: SUBSCRIPTIONS_MOST,
  })
  const answer = async (request: Request): Promise<Response> => {
    const key = BEARER.exec(request.headers.get('authorization') ?? '')?.[1]
    return (
      hostHeaderValidationResponse(request, [...hostnames]) ??
      originValidationResponse(request, [...hostnames]) ??
      (new URL(request.url).pathname === PATH ? undefined : problem(404, `MCP is served at ${PATH}`)) ??
      (key === undefined || !isHeaderWord(key) ? problem(401, NO_KEY, { 'www-authenticate': 'Bearer' }) : undefined) ??
      handler.fetch(request, { authInfo: { token: key ?? '', clientId: 'caller', scopes: [] } })
    )
  }
  const server = listenWith(answer)
  await new Promise<void>((open, fail) => server.once('error', fail).listen(port, host, open))
  const { port: taken } = server.address() as AddressInfo // it listens on a port, not on a pipe
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${taken}${PATH}`,
    async close() {
      await handler.close()
      const closed = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      await closed
    },
  }
}

const NO_KEY = 'Bring a key of a Chasqui workspace: Authorization: Bearer chq_…'

const problem = (status: number, detail: string, headers: Record<string, string> = {}): Response =>
  Response.json({ jsonrpc: '2.0', id: null, error: { code: -32_000, message: detail } }, { status, headers })

function listenWith(answer: (request: Request) => Promise<Response>): Server {
  let open = 0
  const server = createHttpServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 },
    async (incoming, outgoing) => {
      open++
      try {
        await write(open > AT_ONCE_MOST ? problem(503, 'Too many requests at once') : await answer(read(incoming, outgoing)), outgoing)
      } catch {
        if (outgoing.headersSent) outgoing.destroy()
        else await write(problem(400, 'The request could not be read'), outgoing).catch(() => outgoing.destroy())
      } finally {
        open--
      }
    },
  )
  server.maxConnections = CONNECTIONS_MOST
  return server
}

/** As the web has it; its signal fires when the caller goes away. */
function read(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headersDistinct)) for (const one of value ?? []) headers.append(name, one)
  const { method = 'GET', url = '/' } = incoming
  const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) // its type is Node's own
  return new Request(new URL(url, 'http://localhost'), { method, headers, body, duplex: 'half', signal: gone.signal })
}

async function write(answer: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body)
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), outgoing) // the same stream, by Node's type
  else outgoing.end()
}

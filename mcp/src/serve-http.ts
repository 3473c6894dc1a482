import { createMcpHandler, hostHeaderValidationResponse, originValidationResponse } from '@modelcontextprotocol/server'
import { isHeaderWord } from './config.ts'
import { createServer, type Household } from './create-server.ts'
import { openWebServer, problem, type WebServer } from './web-server.ts'

export type HttpPlace = { host: string; port: number; hostnames: readonly string[] }

const PATH = '/mcp'
const SUBSCRIPTIONS_MOST = 16
const BEARER = /^Bearer +(\S+)$/i
const NO_KEY = 'Bring a key of a Chasqui workspace: Authorization: Bearer chq_…'

/** Serves MCP at /mcp; each request is answered with the key that it brings, and none is kept. */
export async function serveHttp(household: Household, { host, port, hostnames }: HttpPlace): Promise<WebServer> {
  const handler = createMcpHandler(({ authInfo }) => createServer(household, authInfo?.token ?? ''), {
    maxSubscriptions: SUBSCRIPTIONS_MOST,
  })
  const server = await openWebServer({
    host,
    port,
    refuse: (request) =>
      hostHeaderValidationResponse(request, [...hostnames]) ??
      originValidationResponse(request, [...hostnames]) ??
      (new URL(request.url).pathname === PATH ? undefined : problem(404, `MCP is served at ${PATH}`)) ??
      (keyOf(request) === undefined ? problem(401, NO_KEY, { 'www-authenticate': 'Bearer' }) : undefined),
    answer: (request) => handler.fetch(request, { authInfo: { token: keyOf(request) ?? '', clientId: 'caller', scopes: [] } }),
  })
  return {
    url: `${server.url}${PATH}`,
    async close() {
      await handler.close()
      await server.close()
    },
  }
}

function keyOf({ headers }: Request): string | undefined {
  const key = BEARER.exec(headers.get('authorization') ?? '')?.[1]
  return key !== undefined && isHeaderWord(key) ? key : undefined
}

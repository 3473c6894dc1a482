import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server'
import packageFacts from '../package.json' with { type: 'json' }
import type { Api } from './api.ts'
import { invalid, refuse } from './problem.ts'
import type { ToolShelf } from './tool-shelf.ts'
import { writeRequest } from './write-request.ts'

const INSTRUCTIONS = `Chasqui sends and receives WhatsApp messages. Each tool has an "action"; its description says what each action takes.
Times are ISO 8601 with a zone. Lists answer { data, nextCursor }: give nextCursor as cursor for the next page.
A refused call answers { error } with a code and, for wrong arguments, errors by path: correct those and call again.`

export type Household = { api: Api; shelf: ToolShelf }

/** An MCP server for one caller. */
export function createServer({ api, shelf }: Household, key: string): Server {
  const server = new Server(
    { name: 'chasqui', title: 'Chasqui', version: packageFacts.version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  )
  server.setRequestHandler('tools/list', async () => ({ tools: [...(await shelf()).values()].map(({ tool }) => tool) }))
  server.setRequestHandler('tools/call', async ({ params }, ctx): Promise<CallToolResult> => {
    const { action: word, ...given } = params.arguments ?? {}
    const tools = await shelf().catch((error: Error) => error)
    if (tools instanceof Error) return refuse({ code: 'unreachable', detail: tools.message })
    const tool = tools.get(params.name)
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`)
    const action = typeof word === 'string' ? tool.actions.get(word) : undefined
    if (!action)
      return invalid([{ path: 'action', code: 'invalid_value', message: `must be one of ${[...tool.actions.keys()].join(', ')}` }])
    const request = writeRequest(action, given)
    return 'issues' in request ? invalid(request.issues) : api.ask(request, { key, signal: ctx.mcpReq.signal })
  })
  return server
}

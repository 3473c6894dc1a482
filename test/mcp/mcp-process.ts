import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
  type Tool,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const MAIN = resolve(import.meta.dirname, '../../mcp/src/main.ts')

// biome-ignore lint/suspicious/noExplicitAny: a structured result as JSON gave it
export type Told = any

/** The official client, and an assistant's way of calling: a tool, an action, arguments. */
export class Assistant {
  readonly client: Client
  constructor(client: Client) {
    this.client = client
  }
  async tools(): Promise<Tool[]> {
    return (await this.client.listTools()).tools
  }
  call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
    return this.client.callTool({ name, arguments: args })
  }
  /** What a call that must succeed answers. */
  async ok(name: string, args: Record<string, unknown>): Promise<Told> {
    const { isError, structuredContent, content } = await this.call(name, args)
    if (isError) throw new Error(`${name} ${args.action}: ${JSON.stringify(structuredContent ?? content)}`)
    return structuredContent
  }
  /** The problem of a call that must be refused. */
  async refused(name: string, args: Record<string, unknown>): Promise<Told> {
    const { isError, structuredContent, content } = await this.call(name, args)
    if (!isError) throw new Error(`${name} ${args.action} was not refused: ${JSON.stringify(structuredContent)}`)
    const [first] = content
    if (first?.type !== 'text' || first.text !== JSON.stringify(structuredContent)) throw new Error('its text says something else')
    return (structuredContent as { error: Told }).error // as problem.ts writes it
  }
  close(): Promise<void> {
    return this.client.close()
  }
}

/** Without a mode it speaks as clients have since 2025, with a handshake first. */
const newClient = (mode: VersionNegotiationMode = 'legacy') =>
  new Client({ name: 'a test', version: '1' }, { versionNegotiation: { mode } })

/** An assistant over stdio: the MCP server is a process that the client starts. */
export async function overStdio(
  environment: Record<string, string>,
  mode?: VersionNegotiationMode,
): Promise<Assistant & { words(): string }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN],
    env: { PATH: process.env.PATH ?? '', ...environment },
    stderr: 'pipe',
  })
  let words = ''
  transport.stderr?.on('data', (piece: Buffer) => {
    words += piece.toString('utf8')
  })
  const client = newClient(mode)
  await client.connect(transport)
  return Object.assign(new Assistant(client), { words: () => words })
}

/** An assistant over HTTP with a key of its own. */
export async function overHttp(url: string, key: string, mode?: VersionNegotiationMode): Promise<Assistant> {
  const client = newClient(mode)
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${key}` } } }))
  return new Assistant(client)
}

export type Run = { child: ChildProcess; words(): string; output(): string; ended: Promise<number | null> }

/** The command itself. */
export function run(args: readonly string[], environment: Record<string, string>): Run {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH: process.env.PATH ?? '', ...environment } })
  const told = { out: '', error: '' }
  child.stdout.on('data', (piece: Buffer) => {
    told.out += piece.toString('utf8')
  })
  child.stderr.on('data', (piece: Buffer) => {
    told.error += piece.toString('utf8')
  })
  return { child, words: () => told.error, output: () => told.out, ended: new Promise((done) => child.once('close', done)) }
}

/** The MCP server over HTTP, on a free port. */
export async function serveOverHttp(environment: Record<string, string>): Promise<{ url: string; close(): Promise<void> }> {
  const { child, words, ended } = run(['--http', '0'], environment)
  const url = await new Promise<string>((found, fail) => {
    child.stderr?.on('data', () => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(words()) ?? []
      if (address) found(address)
    })
    void ended.then(() => fail(new Error(`it ended: ${words()}`)))
  })
  return {
    url,
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

import { parseArgs } from 'node:util'

export type Config = {
  /** The Chasqui server, without a slash at its end. */
  url: string
  /** The tools to offer; all of them when nothing is chosen. */
  tools: readonly string[] | undefined
  serve: { over: 'stdio'; key: string } | { over: 'http'; host: string; port: number; hostnames: readonly string[] }
}

export const USAGE = `Usage: chasqui-mcp                        speaks MCP over stdio, with the key of CHASQUI_API_KEY
       chasqui-mcp --http [port]          serves MCP over HTTP at /mcp on 127.0.0.1 (port 3100); every caller brings its own key

  --tools <names>         only these tools, as in --tools messages,contacts; each takes room in a model's memory
  --host <address>        listen elsewhere than on 127.0.0.1; needs --allow-host
  --allow-host <name>     a name under which callers reach it; may be repeated

CHASQUI_URL is the server, by default http://127.0.0.1:3000.`

/** What is wrong with the command line or the environment, in words for a person. */
export class ConfigError extends Error {}

const DEFAULT_URL = 'http://127.0.0.1:3000'
const DEFAULT_PORT = 3100
const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
const LOOPBACK_NAMES = ['127.0.0.1', '[::1]', 'localhost']

/** Reads the command line and the environment; undefined when only help is asked for. */
export function readConfig(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Config | undefined {
  const { values, positionals } = readArgs(args)
  if (values.help) return undefined
  const url = readUrl(environment.CHASQUI_URL || DEFAULT_URL)
  const tools = values.tools?.split(/[\s,]+/).filter((name) => name !== '')
  if (tools?.length === 0) throw new ConfigError('--tools takes names of tools, as in --tools messages,contacts.')
  if (values.http) return { url, tools, serve: readHttp(values, positionals) }
  if (positionals.length > 0 || values.host !== undefined || values['allow-host'])
    throw new ConfigError('Only --http takes a port, --host and --allow-host.')
  const key = environment.CHASQUI_API_KEY?.trim()
  if (!key) throw new ConfigError('CHASQUI_API_KEY is not set: give it a key of the workspace, as in first-run.json (chq_test_…).')
  if (!isHeaderWord(key)) throw new ConfigError('CHASQUI_API_KEY is not a key: it holds spaces or characters that no key has.')
  return { url, tools, serve: { over: 'stdio', key } }
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        http: { type: 'boolean' },
        host: { type: 'string' },
        'allow-host': { type: 'string', multiple: true },
        tools: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  }
}

function readUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new ConfigError(`CHASQUI_URL is not an http or https address, like ${DEFAULT_URL}.`)
  if (url.username || url.password || url.search || url.hash)
    throw new ConfigError('CHASQUI_URL is an address without user, query or fragment; the key goes into CHASQUI_API_KEY.')
  return url.href.replace(/\/+$/, '')
}

type HttpValues = { host?: string; 'allow-host'?: string[] }

function readHttp({ host = '127.0.0.1', 'allow-host': names = [] }: HttpValues, positionals: readonly string[]) {
  const [portText = String(DEFAULT_PORT), ...more] = positionals
  const port = Number(portText)
  if (more.length > 0 || !/^\d{1,5}$/.test(portText) || port > 65_535) throw new ConfigError('--http takes one port, 0 to 65535.')
  if (!LOOPBACK.includes(host) && names.length === 0)
    throw new ConfigError('With --host, say with --allow-host under which name callers reach it: other names are refused.')
  return { over: 'http' as const, host, port, hostnames: [...LOOPBACK_NAMES, ...names] }
}

/** Fit to stand in a header: no key holds anything else. */
export const isHeaderWord = (text: string): boolean => /^[\x21-\x7e]{1,512}$/.test(text)

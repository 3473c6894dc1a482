#!/usr/bin/env node
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { openApi } from './api.ts'
import { type Config, ConfigError, readConfig, USAGE } from './config.ts'
import { createServer } from './create-server.ts'
import { serveHttp } from './serve-http.ts'
import { openToolShelf } from './tool-shelf.ts'

// stdout belongs to the protocol: whatever is said to people goes to stderr
try {
  const config = readConfig(process.argv.slice(2), process.env)
  if (config) await serve(config)
  else console.error(USAGE)
} catch (error) {
  console.error(`chasqui-mcp: ${error instanceof Error ? error.message : error}`)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}

async function serve(config: Config): Promise<void> {
  const { url, serve: way } = config
  const api = openApi(url)
  const household = { api, shelf: openToolShelf(api, config) }
  const handle = way.over === 'stdio' ? serveStdio(() => createServer(household, way.key)) : await serveHttp(household, way)
  if ('url' in handle) console.error(`chasqui-mcp: MCP for ${url} at ${handle.url}; callers bring their own key`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void handle.close())
}

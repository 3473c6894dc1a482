import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LiveHouse, openLiveHouse } from '../conformance/house.ts'
import { openRows } from '../crash/books.ts'
import { embeddedAddress } from '../crash/harness.ts'

/** A house whose plans let every request in, and the only server that it may call. */
export interface Stage {
  house: LiveHouse
  /** Where its URLs may lead. */
  local: string
  /** What the house logged as errors, once each. */
  errors(): string[]
  close(): Promise<void>
}

const SLOW_MS = 300
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export async function openStage(): Promise<Stage> {
  const { server, local } = await openLocal()
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-fuzz-'))
  const logFile = join(folder, 'log')
  const house = await openLiveHouse({ CHASQUI_GRAPH_URL: local, CHASQUI_LOG_LEVEL: 'error', CHASQUI_LOG_FILE: logFile })
  await openRows(() => embeddedAddress(house.dataDir)).ask('update plans set requests_per_minute = null, scheduled_waiting = null')
  return {
    ...{ house, local },
    errors: () => readErrors(logFile),
    async close() {
      await house.close()
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function readErrors(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const words = lines.map((line) => {
    const { msg, error, route } = JSON.parse(line)
    return [msg, route, typeof error === 'object' ? JSON.stringify(error) : error].filter(Boolean).join(': ')
  })
  return [...new Set(words)]
}

/** Files, endpoints of webhooks and Meta's API at once: it says yes to most. */
function openLocal(): Promise<{ server: Server; local: string }> {
  const server = createServer((request, reply) => {
    request.resume()
    const path = request.url ?? ''
    const yes = () => reply.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from(PNG, 'base64'))
    if (path === '/404') reply.writeHead(404).end()
    else if (path === '/redirect') reply.writeHead(302, { location: 'http://10.0.0.1/' }).end()
    else if (path === '/slow') setTimeout(yes, SLOW_MS)
    else yes()
  })
  return new Promise((done, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') failed(new Error('it listens on no port'))
      else done({ server, local: `http://127.0.0.1:${address.port}` })
    })
  })
}

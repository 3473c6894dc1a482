import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Assistant, overStdio } from './mcp-process.ts'

const operation = (operationId: string) => ({ operationId, tags: ['Things'], summary: 'Do it', description: 'It does it.' })
const KEYED = { parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }] }
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'API', version: '2' },
  paths: { '/v2/things': { get: operation('things.list'), post: { ...operation('things.make'), ...KEYED } } },
}

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A server that has the document and then behaves badly, and an assistant of it. */
async function badServer(answer: Answer): Promise<{ url: string; assistant: Assistant; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url === '/docs/canonical/openapi.json') response.setHeader('content-type', 'application/json').end(JSON.stringify(DOCUMENT))
    else answer(request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on a port
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  open.push(stop)
  const url = `http://127.0.0.1:${port}`
  const assistant = await overStdio({ CHASQUI_URL: url, CHASQUI_API_KEY: 'chq_test_secret' })
  open.push(() => assistant.close())
  return { url, assistant, stop }
}

test('a write whose answer was lost can be repeated under its key', async () => {
  const keys: unknown[] = []
  const { assistant } = await badServer((request, response) => {
    keys.push(request.headers['idempotency-key'])
    if (keys.length === 1) response.destroy()
    else response.setHeader('content-type', 'application/json').end('{"made":true}')
  })
  const told = await assistant.refused('things', { action: 'make' })
  expect(told).toMatchObject({ code: 'unreachable', idempotencyKey: keys[0], advice: expect.stringContaining('idempotencyKey') })
  expect(await assistant.ok('things', { action: 'make', idempotencyKey: told.idempotencyKey })).toEqual({ made: true })
  expect(keys).toEqual([told.idempotencyKey, told.idempotencyKey])
  expect(told.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/)
})

test('the key follows no redirect', async () => {
  const reached: unknown[] = []
  const elsewhere = createServer((request, response) => {
    reached.push(request.headers.authorization)
    response.end()
  })
  await new Promise<void>((listening) => elsewhere.listen(0, '127.0.0.1', listening))
  open.push(() => new Promise((done) => elsewhere.close(done)))
  const { port } = elsewhere.address() as AddressInfo // it listens on a port
  const { assistant } = await badServer((_, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end())
  expect(await assistant.refused('things', { action: 'list' })).toMatchObject({ code: 'unreachable' })
  expect(reached).toEqual([])
})

test.each<[string, Answer, object]>([
  [
    'a page',
    (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
    { code: 'not_json', status: 502 },
  ],
  ['half a JSON', (_, response) => response.setHeader('content-type', 'application/json').end('{"data":'), { code: 'bad_answer' }],
  [
    'too much',
    (_, response) => response.setHeader('content-type', 'application/json').end(`"${'x'.repeat(9 * 1024 * 1024)}"`),
    { code: 'bad_answer', detail: expect.stringContaining('8 MiB') },
  ],
  [
    'a problem of its own kind',
    (_, response) =>
      response
        .writeHead(429, { 'content-type': 'application/problem+json' })
        .end('{"code":"rate_limited","detail":"slow down","retryAfter":7}'),
    { code: 'rate_limited', status: 429, retryAfter: 7 },
  ],
])('a server that answers with %s is told as an error', async (_, answer, problem) => {
  const { assistant } = await badServer(answer)
  expect(await assistant.refused('things', { action: 'list' })).toMatchObject(problem)
})

test('while the server is away the tools stay listed, and a call says that it is away', async () => {
  const { assistant, stop, url } = await badServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"data":[]}'),
  )
  expect(await assistant.ok('things', { action: 'list' })).toEqual({ data: [] })
  await stop()
  open.shift()
  expect((await assistant.tools()).map(({ name }) => name)).toEqual(['things'])
  expect(await assistant.refused('things', { action: 'list' })).toMatchObject({
    code: 'unreachable',
    detail: `The Chasqui server at ${url} cannot be reached: ECONNREFUSED`,
  })
})

test('an address that is no Chasqui server is told as such', async () => {
  const other = createServer((_, response) => response.setHeader('content-type', 'application/json').end('{"hello":"world"}'))
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
  open.push(() => new Promise((done) => other.close(done)))
  const { port } = other.address() as AddressInfo // it listens on a port
  const assistant = await overStdio({ CHASQUI_URL: `http://127.0.0.1:${port}`, CHASQUI_API_KEY: 'chq_test_secret' })
  open.push(() => assistant.close())
  await expect(assistant.tools()).rejects.toThrow(/did not answer as Chasqui does: it has no API document to read \(200\)/)
})

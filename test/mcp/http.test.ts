import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, type LiveHouse, openLiveHouse } from '../conformance/house.ts'
import { overHttp, serveOverHttp } from './mcp-process.ts'

let house: LiveHouse
let http: Awaited<ReturnType<typeof serveOverHttp>>
beforeAll(async () => {
  house = await openLiveHouse()
  // its own key must open nothing to those who come without one
  http = await serveOverHttp({ CHASQUI_URL: house.url, CHASQUI_API_KEY: house.firstRun.keys.canonical })
})
afterAll(async () => {
  await http.close()
  await house.close()
})

const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
type Asked = { method?: string; path?: string; headers?: Record<string, string>; body?: string }

const jsonHeaders = () => ({
  authorization: `Bearer ${house.firstRun.keys.canonical}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
})

/** As a browser or a script may ask: fetch would not let a test choose the Host. */
function ask({ method = 'POST', path = '/mcp', headers = {}, body = LIST }: Asked): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(http.url)
  return new Promise((done, fail) => {
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path,
        headers: { ...jsonHeaders(), ...headers },
      },
      (answer) => {
        let text = ''
        answer.on('data', (piece: Buffer) => {
          text += piece.toString('utf8')
        })
        answer.once('end', () => done({ status: answer.statusCode ?? 0, text }))
      },
    )
    outgoing.once('error', fail)
    outgoing.end(method === 'POST' ? body : undefined)
  })
}

test('who brings a key is answered; who brings none is not, whatever key the server was started with', async () => {
  expect(await ask({})).toMatchObject({ status: 200, text: expect.stringContaining('"messages"') })
  for (const authorization of ['', 'Basic abc', 'Bearer ', `Bearer ${'x'.repeat(600)}`])
    expect((await ask({ headers: { authorization } })).status).toBe(401)
})

test('another Host or Origin is refused: a web page cannot reach it by a name of its own', async () => {
  for (const headers of [{ host: 'evil.example' }, { host: 'evil.example:3100' }, { origin: 'https://evil.example' }, { origin: 'null' }])
    expect(await ask({ headers: { ...headers } as Record<string, string> })).toMatchObject({ status: 403 })
  expect((await ask({ headers: { host: 'localhost', origin: 'http://localhost:8080' } })).status).toBe(200)
})

test('other paths, other methods, other bodies are refused', async () => {
  expect((await ask({ path: '/' })).status).toBe(404)
  expect((await ask({ path: '//evil.example/mcp2' })).status).toBe(404)
  expect((await ask({ path: 'http://[' })).status).toBe(400)
  expect((await ask({ method: 'GET' })).status).toBe(405)
  expect((await ask({ method: 'DELETE' })).status).toBe(405)
  expect((await ask({ body: '{' })).status).toBe(400)
  expect((await ask({ headers: { 'content-type': 'text/plain' } })).status).toBe(415)
  expect(
    (await ask({ body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { x: 'x'.repeat(5_000_000) } }) })).status,
  ).toBe(413)
  expect((await ask({})).status).toBe(200)
})

test('more than 64 at once are told to come again, and then all goes on', async () => {
  const { hostname, port } = new URL(http.url)
  const waiting = Array.from({ length: 64 }, () => {
    const one = request({ hostname, port, method: 'POST', path: '/mcp', headers: { ...jsonHeaders(), 'content-length': 10 } })
    one.on('error', () => undefined).flushHeaders()
    return one
  })
  await eventually(async () => (await ask({})).status === 503)
  for (const one of waiting) one.destroy()
  await eventually(async () => (await ask({})).status === 200)
})

test('each caller is in the workspace of its key', async () => {
  const live = await overHttp(http.url, house.firstRun.live.keys.canonical)
  const tester = await overHttp(http.url, house.firstRun.keys.canonical)
  const mine = await tester.ok('contacts', { action: 'create', phone: '+14155551301', name: 'Ana' })
  expect(await live.refused('contacts', { action: 'get', id: mine.id })).toMatchObject({ status: 404 })
  expect(await tester.ok('contacts', { action: 'get', id: mine.id })).toMatchObject({ id: mine.id })
  await live.close()
  await tester.close()
})

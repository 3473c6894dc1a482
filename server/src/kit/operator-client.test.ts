import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '#test/loopback'
import { type OperatorClientOptions, type OperatorRequest, openOperatorClient } from './operator-client.ts'

const serve = async (listener: RequestListener) => (await listen(createHttpServer(listener))).url

function client(origin: string, options: Partial<OperatorClientOptions> = {}) {
  const made = openOperatorClient({ origin, connections: 4, ...options })
  onTestFinished(() => made.close())
  return (request: Partial<OperatorRequest> = {}) => made.request({ method: 'POST', path: '/', body: 'x', timeoutMs: 2000, ...request })
}

test('an answer is an answer whatever its status', async () => {
  const ask = client(await serve((_, response) => response.writeHead(500, { 'x-a': 'b' }).end('no')))
  expect(await ask()).toMatchObject({ kind: 'answer', status: 500, headers: { 'x-a': 'b' }, body: Buffer.from('no') })
})

test('nobody there: nothing was written', async () => {
  expect(await client('http://127.0.0.1:1')()).toMatchObject({ kind: 'not_written', reason: 'connection' })
})

test('a peer that speaks no TLS: nothing was written', async () => {
  const { url } = await listen(createServer((socket) => socket.end('this is no handshake\r\n')))
  expect(await client(url.replace('http:', 'https:'))()).toMatchObject({ kind: 'not_written', reason: 'tls' })
})

test('cut off after the request, in the middle of the answer, or silent: unknown', async () => {
  const seen: string[] = []
  const origin = await serve((request, response) => {
    seen.push(request.url ?? '')
    if (request.url === '/cut') request.socket.destroy()
    if (request.url === '/half') response.writeHead(200, { 'content-length': 10 }).write('12345', () => request.socket.destroy())
  })
  const ask = client(origin)
  expect(await ask({ path: '/cut' })).toMatchObject({ kind: 'unknown', reason: 'connection' })
  expect(await ask({ path: '/half' })).toMatchObject({ kind: 'unknown', reason: 'connection' })
  expect(await ask({ path: '/silent', timeoutMs: 100 })).toMatchObject({ kind: 'unknown', reason: 'timeout' })
  expect(seen).toEqual(['/cut', '/half', '/silent']) // each once: never again by itself
})

test('a connection that the peer closes while idle loses no answer and doubles no request', async () => {
  const seen: string[] = []
  const { url } = await listen(
    createServer((socket) => {
      socket.setTimeout(30, () => socket.end())
      socket.on('data', (data) => {
        seen.push(/^POST (\S+) /.exec(data.toString())?.[1] ?? '')
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      })
    }),
  )
  const ask = client(url, { connections: 1 })
  const kinds = new Map<string, string>()
  for (let i = 0; i < 40; i++) {
    kinds.set(`/${i}`, (await ask({ path: `/${i}` })).kind)
    await new Promise((done) => setTimeout(done, 25 + (i % 10))) // around the moment at which the peer closes
  }
  expect(new Set(seen).size).toBe(seen.length)
  for (const [path, kind] of kinds) if (kind !== 'unknown') expect([path, seen.includes(path)]).toEqual([path, kind === 'answer'])
})

test('given up while waiting for a connection: nothing was written, then or later', async () => {
  const seen: string[] = []
  const origin = await serve((request, response) => {
    seen.push(request.url ?? '')
    if (request.url === '/first') setTimeout(() => response.end('ok'), 200)
    else response.end('ok')
  })
  const ask = client(origin, { connections: 1 })
  const first = ask({ path: '/first' })
  expect(await ask({ path: '/second', timeoutMs: 50 })).toMatchObject({ kind: 'not_written', reason: 'timeout' })
  expect((await first).kind).toBe('answer')
  expect((await ask({ path: '/third' })).kind).toBe('answer')
  expect(seen).toEqual(['/first', '/third'])
})

test('asks once more right before the first byte', async () => {
  let requests = 0
  const origin = await serve((_, response) => {
    requests++
    response.end('ok')
  })
  const ask = client(origin, { connections: 1 })
  let asked = 0
  const answers = await Promise.all([ask({ mayWrite: () => ++asked > 0 }), ask({ mayWrite: () => ++asked < 0 }), ask()])
  expect(answers.map(({ kind }) => kind)).toEqual(['answer', 'not_written', 'answer'])
  expect([asked, requests]).toEqual([2, 2])
})

test('a signal calls it off: before the first byte nothing was written, afterwards nobody knows', async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const ask = client(await serve(() => resolve()))
  expect(await ask({ signal: AbortSignal.abort() })).toMatchObject({ kind: 'not_written', reason: 'called_off' })
  const controller = new AbortController()
  const answer = ask({ signal: controller.signal })
  await arrived
  controller.abort()
  expect(await answer).toMatchObject({ kind: 'unknown', reason: 'called_off' })
})

test('an answer over its bound is unknown, not cut', async () => {
  const ask = client(await serve((_, response) => response.end('a'.repeat(5000))))
  expect(await ask({ maxBytes: 1000 })).toMatchObject({ kind: 'unknown', reason: 'too_large' })
})

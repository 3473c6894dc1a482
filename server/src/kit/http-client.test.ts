import type { IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { expect, test } from 'vitest'
import { client, fails, serve } from '#test/http-client'
import { listen } from '#test/loopback'

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

test('sends method, path, headers and body, and hands the answer over', async () => {
  const { url } = await serve(async (request, response) => {
    response.writeHead(201, {
      'x-seen': `${request.method} ${request.url} ${request.headers['x-mine']} ${request.headers['content-length']}`,
    })
    response.end(await bodyOf(request))
  })
  const body = Buffer.from('{"a":"é"}')
  const answer = await client()({ method: 'POST', url: `${url}/path?query=1`, headers: { 'x-mine': 'yes' }, body })
  expect(answer.status).toBe(201)
  expect(answer.headers['x-seen']).toBe('POST /path?query=1 yes 10')
  expect(answer.body.equals(body)).toBe(true)
})

test('keeps its connections, and only so many of them', async () => {
  const { url, connections } = await serve((_, response) => response.end('ok'))
  const ask = client({ connectionsPerOrigin: 4 })
  await Promise.all(Array.from({ length: 100 }, () => ask({ method: 'POST', url, body: 'x' })))
  await ask({ url })
  expect(connections()).toBeLessThanOrEqual(4)
})

test('refuses more than it may hold, for one host and for many', async () => {
  const { url } = await serve(() => undefined)
  const other = await serve((_, response) => response.end('ok'))
  const ask = client({ origins: 1, waitingPerOrigin: 2 })
  const held = [fails(ask({ url, timeoutMs: 300 })), fails(ask({ url, timeoutMs: 300 }))]
  expect(await fails(ask({ url }))).toBe('busy')
  expect(await fails(ask({ url: other.url }))).toBe('busy')
  expect(await Promise.all(held)).toEqual(['timeout', 'timeout'])
  expect((await ask({ url: other.url })).status).toBe(200)
})

test('an answer that never begins, never ends, or drips is a timeout', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/begins') response.write('a')
    if (request.url !== '/drips') return
    const drip = setInterval(() => response.write('a'), 20)
    response.on('close', () => clearInterval(drip))
  })
  const ask = client()
  const paths = ['/never', '/begins', '/drips']
  const began = performance.now()
  expect(await Promise.all(paths.map((path) => fails(ask({ url: url + path, timeoutMs: 200 }))))).toEqual(['timeout', 'timeout', 'timeout'])
  expect(performance.now() - began).toBeLessThan(1500)
})

test('a long answer is refused by its header or its bytes, or cut', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/told') response.setHeader('content-length', 50_000)
    response.end(Buffer.alloc(50_000, 97))
  })
  const ask = client()
  expect(await fails(ask({ url: `${url}/told` }))).toBe('too_large')
  expect(await fails(ask({ url }))).toBe('too_large')
  const cut = await ask({ url, tooLong: 'cut' })
  expect([cut.status, cut.body.length]).toEqual([200, 10_000])
  expect((await ask({ url: `${url}/told`, method: 'HEAD' })).headers['content-length']).toBe('50000')
})

test('a head that never stops is refused', async () => {
  const { url } = await serve((_, response) => {
    response.setHeader('x-long', 'a'.repeat(100_000))
    response.end()
  })
  expect(await fails(client()({ url }))).toBe('too_large')
})

test('names what went wrong', async () => {
  const { url } = await serve((request) => request.socket.destroy())
  const tls = await listen(createTlsServer()) // without a certificate no handshake succeeds
  const ask = client()
  expect(await fails(ask({ url }))).toBe('connection')
  expect(await fails(ask({ url: 'http://127.0.0.1:1/' }))).toBe('connection')
  expect(await fails(ask({ url: `https://127.0.0.1:${tls.port}/` }))).toBe('tls')
  const unknown = () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND example.com'), { code: 'ENOTFOUND' }))
  expect(await fails(client({ resolve: unknown })({ url: 'https://example.com/' }))).toBe('dns')
  expect(await fails(client({ resolve: async () => [] })({ url: 'https://example.com/' }))).toBe('dns')
})

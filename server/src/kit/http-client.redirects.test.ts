import type { RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { client, fails, serve } from '#test/http-client'

const redirect =
  (location: string, status = 302): RequestListener =>
  (_, response) => {
    response.writeHead(status, { location })
    response.end()
  }

test('are the answer unless asked for', async () => {
  const { url } = await serve(redirect('/elsewhere'))
  expect((await client()({ url })).status).toBe(302)
  expect((await client()({ url, method: 'POST', body: 'x', followRedirects: 3 })).status).toBe(302)
})

test.each([
  'https://10.0.0.1/',
  'https://localhost./x',
  'https://[::1]/',
  'http://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'https://user:secret@example.com/',
])('to %s is refused', async (location) => {
  const { url } = await serve(redirect(location))
  const resolve = async () => [{ address: '::1', family: 6 }]
  expect(['refused_url', 'refused_address']).toContain(await fails(client({ resolve })({ url, followRedirects: 3 })))
})

test('lose every credential on the way to another origin, and keep it on the same', async () => {
  const headers = { authorization: 'Bearer a', cookie: 'b=c', 'x-api-key': 'd', accept: 'image/*' }
  const target = await serve((request, response) => response.end(JSON.stringify(request.headers)))
  const { url } = await serve((request, response) => {
    if (request.url === '/same') response.end(JSON.stringify(request.headers))
    else redirect(request.url === '/stay' ? '/same' : target.url)(request, response)
  })
  const ask = client()
  const stayed = JSON.parse((await ask({ url: `${url}/stay`, headers, followRedirects: 1 })).body.toString())
  expect(stayed).toMatchObject(headers)
  const left = JSON.parse((await ask({ url: `${url}/leave`, headers, followRedirects: 1 })).body.toString())
  expect(left.accept).toBe('image/*')
  expect(Object.keys(left)).not.toEqual(expect.arrayContaining(['authorization']))
  expect([left.authorization, left.cookie, left['x-api-key']]).toEqual([undefined, undefined, undefined])
})

test('end after three, within the time of the whole request', async () => {
  let seen = 0
  const { url } = await serve((_, response) => {
    seen++
    response.writeHead(307, { location: `/${seen}` })
    response.end()
  })
  expect(await fails(client()({ url, followRedirects: 10 }))).toBe('redirects')
  expect(seen).toBe(4)
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { isAway, isConflict, openHouseClient } from './house-client.ts'

const thrown = (work: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    )

test('a house that is not there, or goes in the middle of an answer, is away; a slip of ours is not', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/v2/no') return void response.writeHead(409).end('{"detail":"Not now"}')
    response.writeHead(200, { 'content-length': '100' }).write('{')
    setImmediate(() => response.destroy())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const ask = openHouseClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'k' }) // a listening TCP server has no other kind of address
  expect(isAway(await thrown(async () => (await ask('/broken')).json()))).toBe(true)
  const refused = await thrown(() => ask('/no'))
  expect([isAway(refused), isConflict(refused), (refused as Error).message]).toEqual([false, true, 'Not now'])
  await new Promise((closed) => server.close(closed))
  expect(isAway(await thrown(() => ask('/gone')))).toBe(true)
  const nothing: { name?: { length: number } } = JSON.parse('{}')
  expect(isAway(await thrown(() => (nothing.name as { length: number }).length))).toBe(false)
})

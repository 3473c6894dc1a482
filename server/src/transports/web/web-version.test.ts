import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWebVersion } from './web-version.ts'

let page = 'self.__swData=JSON.parse("{\\"dynamic_data\\":{\\"SiteData\\":{\\"server_revision\\":1,\\"client_revision\\":1043857761}}}");'
let server: Server
beforeAll(async () => {
  server = createServer((request, response) => response.writeHead(request.url === '/sw.js' ? 200 : 404).end(page))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(() => new Promise((closed) => server.close(closed)))

test('asks the host of the socket for its version, and says whether it is another one', async () => {
  const { port } = server.address() as AddressInfo // a listening TCP server has no other kind of address
  const version = openWebVersion(`ws://127.0.0.1:${port}/ws/chat`)
  expect(version.current).toBeUndefined()
  expect(await version.refresh()).toBe(true)
  expect(version.current).toEqual([2, 3000, 1043857761])
  expect(await version.refresh()).toBe(false)
  page = page.replaceAll(/\d{10}/g, '1043857999')
  expect(await version.refresh()).toBe(true)
  page = 'something else'
  expect(await version.refresh()).toBe(false)
  expect(version.current).toEqual([2, 3000, 1043857999])
  await version.close()
})

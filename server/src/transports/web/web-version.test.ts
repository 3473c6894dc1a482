import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWebVersion } from './web-version.ts'

let page = 'self.__swData=JSON.parse("{\\"dynamic_data\\":{\\"SiteData\\":{\\"server_revision\\":1,\\"client_revision\\":1043857761}}}");'
let asked = 0
let server: Server
beforeAll(async () => {
  server = createServer((request, response) => {
    asked++
    response.writeHead(request.url === '/sw.js' ? 200 : 404).end(page)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(() => new Promise((closed) => server.close(closed)))

const open = () => openWebVersion(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`) // a listening TCP server has no other kind of address

test('asks the host of the socket for its version, and says whether it is another one than was refused', async () => {
  const version = open()
  expect(version.current).toBeUndefined()
  expect(await version.refresh(undefined)).toBe(true)
  expect(version.current).toEqual([2, 3000, 1043857761])
  expect(await version.refresh(version.current)).toBe(false)
  page = page.replaceAll(/\d{10}/g, '1043857999')
  expect(await version.refresh([2, 3000, 1043857761])).toBe(true)
  page = 'something else'
  expect(await version.refresh([2, 3000, 1043857999])).toBe(false)
  expect(version.current).toEqual([2, 3000, 1043857999])
  await version.close()
})

test('numbers that were refused at once, and one a moment later, all hear of the new version; WhatsApp is asked once', async () => {
  page = '"client_revision":1043857761'
  const before = asked
  const version = open()
  expect(await Promise.all([version.refresh(undefined), version.refresh(undefined)])).toEqual([true, true])
  expect(await version.refresh(undefined)).toBe(true)
  expect(asked - before).toBe(1)
  await version.close()
})

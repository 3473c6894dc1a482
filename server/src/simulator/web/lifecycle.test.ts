import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, jidOf, newNumber, openWeb } from './client.fixture.ts'

let web: Awaited<ReturnType<typeof openWeb>>
beforeAll(async () => {
  web = await openWeb()
})
afterAll(() => web.close())

it('links by the eight letters that a client shows, and by no others', async () => {
  const shop = newNumber()
  const client = web.client()
  await client.until(() => client.all('connection.update').some(({ qr }) => qr !== undefined))
  await expect(web.server.enterCode(shop, 'ABCD1234')).rejects.toThrow('No companion waits')
  const code = await client.sock.requestPairingCode(shop.slice(1))
  await expect.poll(() => web.server.enterCode(shop, code).then(() => 'linked', String)).toBe('linked')
  await client.open()
  await client.history()
  const id = await client.send(jidOf(newNumber()), { text: 'linked by letters' })
  await client.status(id, 3)

  const other = web.client()
  await other.until(() => other.all('connection.update').some(({ qr }) => qr !== undefined))
  await other.sock.requestPairingCode(newNumber().slice(1), 'AAAABBBB')
  const number = `+${other.sock.authState.creds.me?.id.split('@')[0]}`
  await expect.poll(() => web.server.enterCode(number, 'AAAA-CCCC').then(() => 'linked', String)).toContain('not the letters')
})

it('refuses a QR code that is nobody’s, one of a client that has gone, and an altered one', async () => {
  const shop = newNumber()
  const client = web.client()
  const qr = await client.until(() => client.all('connection.update').find((one) => one.qr !== undefined)?.qr)
  await expect(web.server.scan(shop, '2@nothing,a,b,c')).rejects.toThrow('expired')
  const altered = qr.split(',').with(3, Buffer.alloc(32).toString('base64')).join(',')
  await expect(web.server.scan(shop, altered)).rejects.toThrow('hung up')
  expect(web.server.devices(shop)).toEqual([])
  await expect(web.server.scan(shop, qr)).rejects.toThrow('expired')
  const absent = web.client()
  const another = await absent.until(() => absent.all('connection.update').find((one) => one.qr !== undefined)?.qr)
  await expect(web.server.scan(newNumber('0002'), another)).rejects.toThrow('not on WhatsApp')
})

const qrOf = (client: Client) => client.until(() => client.all('connection.update').find((one) => one.qr !== undefined)?.qr)

it('a QR code that is scanned once more: who came first is told', async () => {
  const client = web.client()
  const qr = await qrOf(client)
  const second = newNumber()
  const scans = await Promise.allSettled([newNumber(), second].map((number) => web.server.scan(number, qr)))
  expect(scans).toMatchObject([{ reason: { message: expect.stringContaining('since') } }, { status: 'fulfilled' }])
  expect(web.server.devices(second)).toHaveLength(1)
})

it('two clients at the last place of a phone: one is linked, the other refused', async () => {
  const shop = newNumber()
  await Promise.all(Array.from({ length: 3 }, () => web.link(shop)))
  const qrs = await Promise.all([web.client(), web.client()].map(qrOf))
  const scans = await Promise.allSettled(qrs.map((qr) => web.server.scan(shop, qr)))
  expect(scans.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(web.server.devices(shop)).toHaveLength(4)
})

it('closes with 408 when nobody scans', async () => {
  const client = web.client({ socket: { qrTimeout: 20 } })
  expect(await client.closed()).toBe(408)
})

it('ends a device that the person removes, and one that logs out', async () => {
  const [removed, leaving] = [newNumber(), newNumber()]
  const [first, second] = [await web.link(removed), await web.link(leaving)]
  web.server.unlink(removed)
  expect(await first.closed(2)).toBe(401)
  await second.sock.logout()
  expect(await second.closed(2)).toBe(401)
  await expect.poll(() => web.server.devices(leaving)).toEqual([])
  const again = web.client({ kept: first.kept })
  expect(await again.closed()).toBe(401)
})

it('ends connections and refuses logins with the code that is asked for', async () => {
  const shop = newNumber()
  let client: Client = await web.link(shop)
  for (const code of [403, 503, 440]) {
    web.server.faults.close(shop, code)
    await client.until(() => client.closes.at(-1) === code)
    client = web.client({ kept: client.kept })
    await client.open()
  }
  await client.end()
  for (const code of [405, 403, 503]) {
    web.server.faults.failLogin(shop, code)
    expect(await web.client({ kept: client.kept }).closed()).toBe(code)
  }
  web.server.faults.failLogin(shop, undefined)
  web.server.faults.refuse(shop, true)
  expect(await web.client({ kept: client.kept }).closed()).toBe(428)
  web.server.faults.refuse(shop, false)
  await web.client({ kept: client.kept }).open()
})

it('replaces the connection of a device that logs in twice', async () => {
  const shop = newNumber()
  const first = await web.link(shop)
  const second = web.client({ kept: first.kept })
  expect(await first.closed(2)).toBe(440)
  await second.open()
})

it('cuts the network, and hands over what was not acknowledged', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const client = await web.link(shop)
  web.server.faults.drop(shop)
  expect(await client.closed(2)).toBe(428)
  const id = web.network.reply(ann, shop, { content: { type: 'text', text: 'while you were away' } })
  const again = web.client({ kept: client.kept })
  const { type, message } = await again.incoming(id)
  expect([type, message.message?.conversation]).toEqual(['append', 'while you were away'])
  await again.end()
  const third = web.client({ kept: client.kept })
  await third.open()
  const fresh = web.network.reply(ann, shop, { content: { type: 'text', text: 'fresh' } })
  await third.incoming(fresh)
  expect(third.all('messages.upsert').some(({ messages }) => messages.some(({ key }) => key.id === id))).toBe(false)
})

it('two devices of one number see what the other sends', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const [first, second] = [await web.link(shop), await web.link(shop)]
  expect(web.server.devices(shop)).toMatchObject([{ id: 1 }, { id: 2 }])
  const id = await first.send(jidOf(ann), { text: 'from the first' })
  const { message } = await second.incoming(id)
  expect(message).toMatchObject({
    key: { fromMe: true, remoteJid: jidOf(ann) },
    message: { extendedTextMessage: { text: 'from the first' } },
  })
  const reply = web.network.reply(ann, shop, { content: { type: 'text', text: 'to both' } })
  await Promise.all([first.incoming(reply), second.incoming(reply)])
})

it('eight numbers are linked at once', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => web.link(newNumber())))
  expect(clients.every(({ sock }) => sock.user?.lid !== undefined)).toBe(true)
})

it('two numbers with devices write to each other', async () => {
  const [shop, supplier] = [newNumber(), newNumber()]
  const [first, second] = [await web.link(shop), await web.link(supplier)]
  const id = await first.send(jidOf(supplier), { text: 'Two crates, please' })
  const { message } = await second.incoming(id)
  expect(message).toMatchObject({
    key: { remoteJid: jidOf(shop), fromMe: false },
    message: { extendedTextMessage: { text: 'Two crates, please' } },
  })
  const answer = await second.send(jidOf(shop), { text: 'On their way' })
  await first.incoming(answer)
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { jidOf, newNumber, openWeb } from './client.fixture.ts'

let web: Awaited<ReturnType<typeof openWeb>>
beforeAll(async () => {
  web = await openWeb()
})
afterAll(() => web.close())

it('links a client by QR, carries texts both ways and tells receipts', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const client = await web.link(shop)
  expect(web.server.devices(shop)).toEqual([{ id: 1, isConnected: true, oneTimeKeys: 811 }])
  const id = await client.send(jidOf(ann), { text: 'Hello' })
  expect(await client.ack(id)).not.toHaveProperty('error')
  await client.status(id, 4)
  expect([...(web.network.chat(shop, ann)?.bubbles.values() ?? [])]).toMatchObject([
    { wireId: id, direction: 'to_phone', state: 'read', content: { type: 'text', text: 'Hello' } },
  ])
  const reply = web.network.reply(ann, shop, { content: { type: 'text', text: 'Hi' }, contextWireId: id })
  const { type, message } = await client.incoming(reply)
  expect(type).toBe('notify')
  expect(message).toMatchObject({
    key: { remoteJid: jidOf(ann), fromMe: false },
    pushName: `Phone ${ann.slice(-4)}`,
    message: { extendedTextMessage: { text: 'Hi', contextInfo: { stanzaId: id } } },
  })
})

it('logs in again without a QR code and has what came meanwhile', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const first = await web.link(shop)
  await first.end()
  const missed = web.network.reply(ann, shop, { content: { type: 'text', text: 'Are you there?' } })
  const second = web.client({ kept: first.kept })
  await second.open()
  const { type, message } = await second.incoming(missed)
  expect(type).toBe('append')
  expect(message.message?.conversation).toBe('Are you there?')
  expect(second.all('connection.update').some(({ qr }) => qr !== undefined)).toBe(false)
  const id = await second.send(jidOf(ann), { text: 'Yes' })
  await second.status(id, 3)
})

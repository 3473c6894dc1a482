import { proto } from 'baileys'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, jidOf, newNumber, openWeb } from './client.fixture.ts'

const shop = newNumber()
let web: Awaited<ReturnType<typeof openWeb>>
let client: Client
beforeAll(async () => {
  web = await openWeb()
  client = await web.link(shop)
})
afterAll(() => web.close())
const { ERROR } = proto.WebMessageInfo.Status
/** A refusal that comes at once is folded into the message that it is about. */
const refusedIds = () => [
  ...client.all('messages.update').flatMap((list) => list.flatMap(({ key, update }) => (update.status === ERROR ? [key.id] : []))),
  ...client.all('messages.upsert').flatMap(({ messages }) => messages.flatMap(({ key, status }) => (status === ERROR ? [key.id] : []))),
]
const bubble = (phone: string, id: string) => web.network.chat(shop, phone)?.bubbles.get(id)
const text = (words: string) => ({ type: 'text' as const, text: words })

it('a phone that cannot open a message asks for it again', async () => {
  const kim = newNumber()
  web.server.faults.failDecrypt(kim, 1)
  const id = await client.send(jidOf(kim), { text: 'please arrive' })
  await client.status(id, 3)
  expect(bubble(kim, id)).toMatchObject({ content: text('please arrive'), arrivals: 1 })
})

it('a recipient’s messages are refused with the error that is asked for', async () => {
  const ann = newNumber()
  web.server.faults.refuseMessages(ann, 463)
  const id = await client.send(jidOf(ann), { text: 'cold' })
  expect(await client.ack(id)).toMatchObject({ error: '463' })
  await client.until(() => refusedIds().includes(id))
  web.server.faults.refuseMessages(ann, undefined)
  web.network.faults.set({ kind: 'refuse', code: 479, business: shop, phone: ann, times: 1 })
  expect(await client.ack(await client.send(jidOf(ann), { text: 'by the network' }))).toMatchObject({ error: '479' })
})

it('a black hole reads and never answers; what comes again is one bubble', async () => {
  const ann = newNumber()
  web.server.faults.blackHole(shop, true)
  const lost = await client.send(jidOf(ann), { text: 'lost?' }, { messageId: '3EB0AAAABBBBCCCCDDDDEE' })
  await client.sock.sendPresenceUpdate('composing', jidOf(ann)) // stanzas are taken in their order
  await expect.poll(() => web.network.chat(shop, ann)?.typingUntil).toBeGreaterThan(0)
  expect(client.acks.some(({ id }) => id === lost)).toBe(false)
  web.server.faults.blackHole(shop, false)
  await client.send(jidOf(ann), { text: 'lost?' }, { messageId: lost })
  await client.ack(lost)
  expect(bubble(ann, lost)).toMatchObject({ arrivals: 1 })
})

it('acknowledgements are held, let go in another order, and delayed', async () => {
  const ann = newNumber()
  web.server.faults.holdAcks(shop)
  const ids = [await client.send(jidOf(ann), { text: '1' }), await client.send(jidOf(ann), { text: '2' })]
  await client.status(ids[1] ?? '', 3)
  expect(client.acks.some(({ id }) => ids.includes(id ?? ''))).toBe(false)
  web.server.faults.releaseAcks(shop, 'reversed')
  await client.ack(ids[0] ?? '')
  expect(client.acks.flatMap(({ id }) => (id && ids.includes(id) ? [id] : []))).toEqual([...ids].reverse())
  web.server.faults.delayAcks(shop, 30)
  await client.ack(await client.send(jidOf(ann), { text: '3' }))
  web.server.faults.delayAcks(shop, 0)
})

it('receipts twice and in the wrong order are faults of the network', async () => {
  const ann = newNumber()
  web.network.faults.set({ kind: 'duplicate', business: shop, phone: ann, times: 1 })
  const id = await client.send(jidOf(ann), { text: 'x' })
  await client.status(id, 4)
})

it('a message that was taken already comes again, sealed anew', async () => {
  const ann = newNumber()
  const id = web.network.reply(ann, shop, { content: text('once') })
  await client.incoming(id)
  await web.server.faults.redeliver(id)
  await client.until(() => client.all('messages.upsert').filter(({ messages }) => messages.some(({ key }) => key.id === id)).length === 2)
})

it('an account is locked out of new chats, and says until when', async () => {
  const until = Math.floor(Date.now() / 1000) * 1000 + 3_600_000
  web.server.faults.lockReachout(shop, until)
  await client.until(() => client.all('connection.update').some(({ reachoutTimeLock }) => reachoutTimeLock?.isActive))
  expect(await client.sock.fetchAccountReachoutTimelock()).toMatchObject({ isActive: true, timeEnforcementEnds: new Date(until) })
  web.server.faults.lockReachout(shop, undefined)
  expect(await client.sock.fetchAccountReachoutTimelock()).toMatchObject({ isActive: false })
})

it('a connection that is cut after the send leaves the message where it was going', async () => {
  const cut = newNumber('0007')
  const id = await client.send(jidOf(cut), { text: 'was I sent?' })
  expect(await client.closed(2)).toBe(428)
  expect(bubble(cut, id)).toMatchObject({ arrivals: 1 })
  const again = web.client({ kept: client.kept })
  await again.open()
  await again.status(id, 3)
})

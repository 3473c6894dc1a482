import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, jidOf, newNumber, openWeb } from './client.fixture.ts'

let web: Awaited<ReturnType<typeof openWeb>>
beforeAll(async () => {
  web = await openWeb()
})
afterAll(async () => {
  await web.close()
  expect(web.server.unknown()).toEqual([])
  expect(web.server.failures()).toEqual([])
})

const text = (words: string) => ({ type: 'text' as const, text: words })
/** Everything that a client wrote before has been taken by the server. */
async function isTaken(client: Client, shop: string): Promise<void> {
  const somebody = newNumber()
  await client.sock.sendPresenceUpdate('composing', jidOf(somebody))
  await expect.poll(() => web.network.chat(shop, somebody)?.typingUntil).toBeGreaterThan(0)
}

it('a client that stood still while another took its place is not heard, and the other is told nothing of it', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const first = await web.link(shop)
  await first.status(await first.send(jidOf(ann), { text: 'in time' }), 4)
  first.freeze()
  const second = web.client({ kept: first.kept })
  await second.open()
  const late = await first.send(jidOf(ann), { text: 'too late' })
  first.freeze(false)
  expect(await first.closed(2)).toBe(440)
  await isTaken(second, shop)
  expect(web.network.chat(shop, ann)?.bubbles.get(late)).toBeUndefined()
  expect(second.acks.some(({ id }) => id === late)).toBe(false)
})

it('a message that was answered after another client came is acknowledged to nobody', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const first = await web.link(shop)
  web.server.faults.holdAcks(shop)
  const id = await first.send(jidOf(ann), { text: 'who asks?' })
  await first.status(id, 4)
  const second = web.client({ kept: first.kept })
  await second.open()
  web.server.faults.releaseAcks(shop)
  await isTaken(second, shop)
  expect(second.acks.some((ack) => ack.id === id)).toBe(false)
})

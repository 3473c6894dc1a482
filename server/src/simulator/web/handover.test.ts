import type { ILogger } from 'baileys/lib/Utils/logger.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, jidOf, newNumber, openWeb } from './client.fixture.ts'

let web: Awaited<ReturnType<typeof openWeb>>
beforeAll(async () => {
  web = await openWeb()
})
afterAll(() => web.close())

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

it('a message that was sealed again and did not arrive comes with the next connection', async () => {
  const [shop, ann] = [newNumber(), newNumber()]
  const acks: string[] = []
  const client = await web.link(shop, { socket: { logger: hearAcks(acks), retryRequestDelayMs: 1 } })
  await client.status(await client.send(jidOf(ann), { text: 'hello' }), 4)
  await client.incoming(web.network.reply(ann, shop, { content: text('hello') }))
  const sessions = [...client.kept.keys()].flatMap((name) => (name.startsWith('session/') ? [[name.slice('session/'.length), null]] : []))
  await client.sock.authState.keys.set({ session: Object.fromEntries(sessions) })
  client.sock.ws.once('CB:message', () => client.freeze())
  const id = web.network.reply(ann, shop, { content: text('once more?') })
  await expect.poll(() => acks).toContain(`${id} 500`)
  await isTaken(client, shop)
  const kept = new Map(client.kept)
  client.kill()
  const again = web.client({ kept })
  expect((await again.incoming(id)).message.message?.conversation).toBe('once more?')
  await expect.poll(() => web.server.unacknowledged(shop)).toBe(0)
})

it('a message that turns out undeliverable while its sender is away is told when it is back', async () => {
  const [shop, ann] = [newNumber(), newNumber('0005')]
  web.network.pace({ delays: { deliveredMs: 300 } })
  const first = await web.link(shop)
  const id = await first.send(jidOf(ann), { text: 'hello?' })
  await first.ack(id)
  first.kill()
  await expect.poll(() => web.network.chat(shop, ann)?.bubbles.get(id)?.state).toBe('failed')
  web.network.pace({ delays: { deliveredMs: 20 } })
  const second = web.client({ kept: first.kept })
  expect(await second.ack(id)).toMatchObject({ error: '406' })
})

/** The errors with which a client acknowledges messages: "<wire id> <error>". */
function hearAcks(acks: string[]): ILogger {
  const silent = () => undefined
  const logger: ILogger = {
    level: 'debug',
    child: () => logger,
    trace: silent,
    info: silent,
    warn: silent,
    error: silent,
    debug(facts) {
      const { sent } = facts as { sent?: Record<string, string> } // the library's own line about an acknowledgement
      if (sent?.class === 'message') acks.push(`${sent.id} ${sent.error}`)
    },
  }
  return logger
}

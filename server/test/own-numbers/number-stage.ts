import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect } from 'vitest'
import { createNetwork } from '../../src/simulator/index.ts'
import { createWebServer } from '../../src/simulator/web/index.ts'
import { type CallOptions, eventually, openTestHouse } from '../house.ts'

type Json = Record<string, unknown>
type Shown = { id: string; state: string; stateReason: string | null; phone: string | null }

const LINKED_WITHIN_MS = 30_000

/** A house, simulated phones, and between them a WhatsApp Web server: numbers are linked as a person would. */
export async function openNumberStage(environment: Record<string, string> = {}) {
  const network = createNetwork({})
  const server = createWebServer({ network })
  const { socketUrl, ca } = await server.listen()
  setDefaultCACertificates([...getCACertificates('default'), ca])
  const house = await openTestHouse({
    CHASQUI_WEB_SOCKET_URL: socketUrl,
    CHASQUI_RECONCILE_SECONDS: '1',
    CHASQUI_RECONCILE_MOST_SECONDS: '2',
    ...environment,
  })
  const { canonical: key } = house.firstRun.live.keys
  let numbers = 10_000_100 // the last four digits 0000 to 0009 mean something
  const call = <Body = Json>(method: string, path: string, options: CallOptions = {}) => house.call<Body>(method, path, { key, ...options })
  const channel = async (id: string) => (await call<Shown>('GET', `/v2/channels/${id}`)).body

  return {
    house,
    network,
    server,
    call,
    channel,
    newNumber: () => `+5511${++numbers}`,
    until: (id: string, state: string) =>
      eventually(async () => (await channel(id)).state === state, 20_000).catch(async () => {
        const { state: is, stateReason } = await channel(id)
        throw new Error(`the channel is ${is} (${stateReason}), not ${state}`)
      }),
    /** A number linked by QR, quick and without rules for new people. */
    async link(settings: Json = { rate: 500, pacing: { cold: 'off', jitterPercent: 0 } }, number = `+5511${++numbers}`) {
      const made = await call<Shown>('POST', '/v2/channels', { body: { kind: 'web', name: `Shop ${number}`, settings } })
      if (made.status !== 201) throw new Error(JSON.stringify(made.body))
      const { id } = made.body
      const qr = async () => (await call<{ qr: { text: string } | null }>('GET', `/v2/channels/${id}/qr`)).body.qr?.text
      const text = await eventually(qr, LINKED_WITHIN_MS)
      await server.scan(number, text)
      await eventually(async () => (await channel(id)).state === 'open', LINKED_WITHIN_MS)
      return { id, number }
    },
    /** Sends and answers the message's id. */
    async send(from: string, to: string, content: Json, more: Json = {}): Promise<string> {
      const sent = await call<{ id: string }>('POST', '/v2/messages', { body: { channelId: from, to, content, ...more } })
      if (sent.status !== 201 && sent.status !== 202) throw new Error(`${sent.status} ${JSON.stringify(sent.body)}`)
      return sent.body.id
    },
    message: async (id: string) => (await call(`GET`, `/v2/messages/${id}`)).body,
    reaches: (id: string, state: string) =>
      eventually(async () => (await call<{ state: string }>('GET', `/v2/messages/${id}`)).body.state === state, 15_000).catch(async () => {
        throw new Error(`not ${state}: ${JSON.stringify((await call('GET', `/v2/messages/${id}`)).body)}`)
      }),
    bubbles: (number: string, phone: string) => [...(network.chat(number, phone)?.bubbles.values() ?? [])],
    async close() {
      await house.close()
      await server.close()
      network.close()
      expect(server.complaints()).toEqual([])
      expect(server.askedAgain(), 'phones could open everything').toBe(0)
    },
  }
}

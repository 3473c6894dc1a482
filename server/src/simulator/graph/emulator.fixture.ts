import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNetwork } from '../network.ts'
import type { NetworkOptions } from '../network.types.ts'
import { createGraphEmulator, type GraphEmulatorOptions } from './graph-emulator.ts'

export const TOKEN = 'EAAtoken'
export const SECRET = 'app secret'
export const VERIFY_TOKEN = 'verify me'
export const WABA = '1029384756'
export const PHONE_ID = '5566778899'
export const SHOP = '+15550001111'

type Received = { raw: string; signature: string; body: WebhookBody }
// the fields that tests look at; a receiver would read them leniently
type Item = { [name: string]: unknown; id: string; status: string; type: string }
type WebhookBody = {
  object: string
  entry: {
    id: string
    changes: {
      field: string
      value: { [name: string]: unknown; statuses?: Item[]; messages?: Item[]; metadata: unknown; contacts?: unknown[] }
    }[]
  }[]
}

/** A receiver of webhooks on loopback. `answer` decides the status of each POST; handshakes are answered with the challenge. */
export async function openReceiver(answer: (count: number) => number = () => 200) {
  const received: Received[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams
    if (request.method === 'GET') {
      const agrees = query.get('hub.verify_token') === VERIFY_TOKEN
      response.writeHead(agrees ? 200 : 403).end(agrees ? query.get('hub.challenge') : '')
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('latin1')
      received.push({ raw, signature: String(request.headers['x-hub-signature-256']), body: JSON.parse(raw) })
      response.writeHead(answer(received.length)).end()
      for (const look of waiting) look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const changes = () => received.flatMap(({ body }) => body.entry.flatMap((entry) => entry.changes))
  return {
    received,
    changes,
    statuses: () => changes().flatMap(({ value }) => value.statuses ?? []),
    messages: () => changes().flatMap(({ value }) => value.messages ?? []),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, // a TCP server has a port
    /** Resolves when `test` is true; looked at whenever something arrives. */
    until: (test: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!test()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}

/** An emulator on a free port with one account and one number, quick enough for tests. */
export async function openEmulator(
  options: Partial<GraphEmulatorOptions> & { webhookUrl?: string; phones?: NetworkOptions; appSecret?: string } = {},
) {
  const { webhookUrl, phones, appSecret = SECRET, ...rest } = options
  const network = createNetwork({ delays: { sentMs: 0, deliveredMs: 20, readMs: 40, answerMs: 30, lateMs: 20 }, ...phones })
  const emulator = createGraphEmulator({
    network,
    accounts: [
      {
        wabaId: WABA,
        accessToken: TOKEN,
        appSecret,
        verifyToken: VERIFY_TOKEN,
        ...(webhookUrl !== undefined && { webhookUrl }),
        phoneNumbers: [{ id: PHONE_ID, number: SHOP, verifiedName: 'Shop', throughput: 'HIGH' }],
      },
    ],
    templateReviewMs: 10,
    webhooks: { retry: { firstMs: 10, factor: 2, mostMs: 50, attempts: 5 } },
    ...rest,
  })
  const url = await emulator.listen()
  const as = (token: string) => async (method: string, path: string, body?: unknown) => {
    const form = body instanceof FormData
    const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && !form && { 'content-type': 'application/json' }) }
    const response = await fetch(`${url}/${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: form ? body : JSON.stringify(body) }),
    })
    const words = await response.text()
    return { status: response.status, body: words.startsWith('{') ? JSON.parse(words) : words }
  }
  const call = as(TOKEN)
  const send = (message: Record<string, unknown>) =>
    call('POST', `v23.0/${PHONE_ID}/messages`, { messaging_product: 'whatsapp', to: '+491701234567', ...message })
  async function close() {
    await emulator.close()
    network.close()
  }
  return { network, emulator, url, as, call, send, close }
}

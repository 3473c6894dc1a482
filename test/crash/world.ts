import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGraphEmulator, createNetwork, type Network } from '../../server/src/simulator/index.ts'
import { call } from './call.ts'

/** One message at its phone: who got it, how often, and in which place of all arrivals it came first. */
export type Arrival = { phone: string; times: number; first: number }
export type ToldEvent = { seq: number; times: number }

/** Everything that is not killed: phones, WhatsApp's side, and the customer's webhook receiver. */
export interface World {
  readonly network: Network
  /** The customer's endpoint; what it was told, by event id. */
  readonly hookUrl: string
  readonly told: ReadonlyMap<string, ToldEvent>
  /** By what the network carries of a message: see `keyOf`. */
  readonly arrivals: ReadonlyMap<string, Arrival>
  keyOf(message: { id: string; tag: string }): string
  readonly arrived: number
  /** Inbound texts that phones wrote, each once. */
  readonly written: string[]
  write(phone: string): void
  /** What the network still has to tell the house. */
  readonly waiting: number
  /** How a house finds the network, by the number of its node. */
  environment(node: number): Promise<Record<string, string>>
  /** A channel at that house; answers its id. */
  connect(house: { url: string; key: string }, rate: number): Promise<string>
  /** The network is gone for a moment. */
  cutLines?(): void
  /** What the network itself finds broken. */
  complaints(): string[]
  close(): Promise<void>
}

const ACCOUNT = {
  wabaId: '200000000000001',
  accessToken: 'crash-token',
  appSecret: 'crash-app-secret',
  verifyToken: 'crash-verify-token',
} as const
const BUSINESS = { id: '100000000000001', number: '+15550100' } as const

/** An answer later than its effect is what a kill must meet. */
const LATENCY_MS = 40
const DELAYS = { sentMs: 5, deliveredMs: 40, readMs: 120 }
const WEBHOOKS = { batch: 40, lingerMs: 20, connections: 16, retry: { firstMs: 100, factor: 1.3, mostMs: 500, attempts: 500 } }

/** The network as Meta's Cloud API shows it. */
export async function openCloudWorld(random: () => number): Promise<World> {
  const network = createNetwork({ keepChats: 'counts', delays: DELAYS, random })
  const arrivals = new Map<string, Arrival>()
  const written: string[] = []
  let arrived = 0
  const graph = createGraphEmulator({
    network: {
      ...network,
      deliver(business, to, message) {
        const verdict = network.deliver(business, to, message)
        if (verdict.kind === 'accepted' || ('sent' in verdict && verdict.sent)) note(message.callbackData?.split(':')[1] ?? 'nobody', to)
        return verdict
      },
    },
    accounts: [{ ...ACCOUNT, phoneNumbers: [BUSINESS] }],
    latencyMs: LATENCY_MS,
    webhooks: WEBHOOKS,
  })
  const note = (messageId: string, to: string) => {
    const phone = to.startsWith('+') ? to : `+${to}`
    const known = arrivals.get(messageId)
    if (!known) arrivals.set(messageId, { phone, times: 1, first: arrived })
    else known.times++
    arrived++
  }
  const graphUrl = await graph.listen(0)
  const customer = await openCustomer()
  return {
    network,
    hookUrl: customer.url,
    told: customer.told,
    arrivals,
    keyOf: ({ id }) => id,
    get arrived() {
      return arrived
    },
    written,
    write(phone) {
      const text = `inbound ${written.length}`
      written.push(text)
      network.reply(phone, BUSINESS.number, { content: { type: 'text', text } })
    },
    get waiting() {
      return graph.stats().webhooks.waiting
    },
    environment: async () => ({ CHASQUI_GRAPH_URL: graphUrl }),
    async connect({ url, key }, rate) {
      const { id, webhookUrl } = await call<{ id: string; webhookUrl: string }>(`${url}/v2/channels`, key, {
        ...{ kind: 'cloud', name: 'crash', phone: BUSINESS.number, phoneNumberId: BUSINESS.id },
        ...ACCOUNT,
        settings: { rate },
      })
      graph.setWebhook(ACCOUNT.wabaId, webhookUrl)
      return id
    },
    complaints() {
      const { lost, waiting } = graph.stats().webhooks
      return lost + waiting === 0 ? [] : [`${lost} webhooks were given up by the network, ${waiting} still wait`]
    },
    async close() {
      await graph.close()
      network.close()
      await customer.close()
    },
  }
}

/** The customer's webhook receiver. */
export async function openCustomer() {
  const told = new Map<string, ToldEvent>()
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    void bodyOf(request).then(
      (body) => {
        const { id, seq }: { id: string; seq: number } = JSON.parse(body)
        const known = told.get(id)
        if (known) known.times++
        else told.set(id, { seq, times: 1 })
        response.end('ok')
      },
      () => response.destroy(), // a house that was killed in the middle of its word
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo // a TCP server has no other kind of address
  return {
    url: `http://127.0.0.1:${port}/everything`,
    told,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // without an encoding set a stream of bytes gives nothing else
  if (!request.complete) throw new Error('the body broke off')
  return Buffer.concat(chunks).toString('utf8')
}

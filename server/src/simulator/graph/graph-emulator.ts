import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Network, NetworkStats } from '../network.types.ts'
import { createTimerWheel } from '../timer-wheel.ts'
import { type AccountOptions, messagesUrl, openAccount } from './accounts.ts'
import { createGraphControl } from './control.ts'
import { admit, type Emulator } from './emulator-state.ts'
import { handleRequest } from './handle-request.ts'
import { contactOf, messageOf } from './inbound.wire.ts'
import { createGraphMedia } from './media.ts'
import { createTemplates, type TemplateStatus } from './templates.ts'
import { createWebhookSender, type WebhookOptions, type WebhookStats } from './webhook-sender.ts'
import { statusOf } from './webhooks.wire.ts'

export type GraphEmulatorOptions = {
  network: Network
  accounts: AccountOptions[]
  /** Time from the request to its effect and answer. */
  latencyMs?: number
  /** Opens /_control, without a key: for loopback only. */
  control?: boolean
  webhooks?: WebhookOptions
  /** Webhooks take the form of this version; below 24 they tell conversations. */
  webhookVersion?: number
  /** How long a template is PENDING. */
  templateReviewMs?: number
}
export type GraphEmulatorStats = { requests: number; network: NetworkStats; webhooks: WebhookStats }

/** Meta's Graph API, as far as messaging goes, over a simulated network. */
export interface GraphEmulator {
  /** Port 0 takes a free one. Resolves when it listens; answers the address. */
  listen(port?: number, host?: string): Promise<string>
  close(): Promise<void>
  url(): string
  stats(): GraphEmulatorStats
  addAccount(options: AccountOptions): void
  /** Where the webhooks of an account's app go from now on. */
  setWebhook(wabaId: string, url: string | undefined): boolean
  setLatency(ms: number): void
  moveTemplate(wabaId: string, which: { name: string; language: string }, status: TemplateStatus): boolean
}

export function createGraphEmulator(options: GraphEmulatorOptions): GraphEmulator {
  const emulator = openEmulator(options)
  const stopTelling = tellBusinesses(emulator, options.webhookVersion ?? 24)
  const api = verbsOf(emulator)
  for (const account of options.accounts) api.addAccount(account)
  const control = options.control ? createGraphControl(emulator, api) : undefined
  const server = openServer((request, response) => handleRequest(emulator, { request, response, control }))
  return {
    ...api,
    async listen(port = 0, host = '127.0.0.1') {
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
      const { address, port: taken } = server.address() as AddressInfo // a listening TCP server has no other kind of address
      emulator.base = `http://${address.includes(':') ? `[${address}]` : address}:${taken}`
      return emulator.base
    },
    async close() {
      stopTelling()
      control?.close()
      emulator.wheel.close()
      await emulator.sender.close()
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
    url: () => emulator.base,
  }
}

export type EmulatorVerbs = Omit<GraphEmulator, 'listen' | 'close' | 'url'>

const CONNECTIONS_MOST = 20_000

function openServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const server = createServer({ keepAliveTimeout: 300_000, headersTimeout: 60_000, requestTimeout: 300_000, noDelay: true }, listener)
  server.maxConnections = CONNECTIONS_MOST
  return server
}

function openEmulator({ network, latencyMs = 0, webhooks, templateReviewMs = 1000 }: GraphEmulatorOptions): Emulator {
  const sender = createWebhookSender(network.time, webhooks)
  return {
    network,
    byToken: new Map(),
    byWaba: new Map(),
    numbersById: new Map(),
    numbersByNumber: new Map(),
    media: createGraphMedia(network),
    templates: createTemplates(network, {
      reviewMs: templateReviewMs,
      tell(account, field, value) {
        if (account.subscribed && account.webhookUrl)
          sender.send({ url: account.webhookUrl, secret: account.appSecret }, { account, field, value: JSON.stringify(value) })
      },
    }),
    sender,
    wheel: createTimerWheel(network.time, 2),
    latencyMs,
    requests: 0,
    base: '',
  }
}

/** Turns what happens on the network into webhooks of the account it happens to. */
function tellBusinesses({ network, sender, numbersByNumber }: Emulator, version: number): () => void {
  const offReceipt = network.on('receipt', (receipt) => {
    const number = numbersByNumber.get(receipt.business)
    const url = number && messagesUrl(number)
    if (!url) return
    const contact = receipt.phone.bsuid !== undefined && receipt.state !== 'failed' ? { contact: contactOf(receipt.phone) } : {}
    sender.send({ url, secret: number.account.appSecret }, { number, list: 'statuses', item: statusOf(receipt, version), ...contact })
  })
  const offMessage = network.on('message', (message) => {
    const number = numbersByNumber.get(message.business)
    const url = number && messagesUrl(number)
    if (!url) return
    const change = { number, list: 'messages' as const, item: messageOf(message, network.files), contact: contactOf(message.phone) }
    sender.send({ url, secret: number.account.appSecret }, change)
  })
  return () => {
    offReceipt()
    offMessage()
  }
}

function verbsOf(emulator: Emulator): EmulatorVerbs {
  const { network, sender, byWaba, templates } = emulator
  return {
    stats: () => ({ requests: emulator.requests, network: network.stats(), webhooks: sender.stats() }),
    addAccount(options) {
      const limits = new Map(
        options.phoneNumbers.map(({ id, enforceWindow, pairLimit, perSecond }) => [id, { enforceWindow, pairLimit, perSecond }]),
      )
      admit(emulator, openAccount(options), ({ id, number }) => network.business(number, limits.get(id) ?? {}))
    },
    setWebhook(wabaId, url) {
      const account = byWaba.get(wabaId)
      if (!account) return false
      account.webhookUrl = url
      account.subscribed = url !== undefined
      return true
    },
    setLatency(ms) {
      emulator.latencyMs = ms
    },
    moveTemplate(wabaId, which, status) {
      const account = byWaba.get(wabaId)
      return account !== undefined && templates.move(account, which, status)
    },
  }
}

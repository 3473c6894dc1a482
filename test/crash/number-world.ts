import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNetwork } from '../../server/src/simulator/index.ts'
import { createWebServer, type WebServer } from '../../server/src/simulator/web/index.ts'
import { type Cable, openCable } from './cable.ts'
import { linkNumber } from './link-number.ts'
import { type Arrival, openCustomer, type World } from './world.ts'

/** WhatsApp as a linked phone sees it. */
export interface NumberWorld extends World {
  readonly server: WebServer
  readonly number: string
  /** The line of a node. */
  cable(node: number): Cable
  /** How often a node was on the line while another one was. */
  readonly overlaps: number
}

export type NumberWorldOptions = {
  number?: string
  /** Acknowledgements come late, in bundles and in another order. */
  unrest?: boolean
  /** A node that is frozen keeps its line: the network ends it when the next one comes. */
  mayOverlap?: boolean
  delays?: typeof DELAYS
}

const NUMBER = '+551140010100'
const DELAYS = { sentMs: 5, deliveredMs: 40, readMs: 120 }
const RATE_MOST = 1_000
const UNREST_MS = 150
const DELAY_MOST_MS = 250

export async function openNumberWorld(random: () => number, options: NumberWorldOptions = {}): Promise<NumberWorld> {
  const { number = NUMBER, delays = DELAYS } = options
  const network = createNetwork({ delays, random, mostChats: 100_000 })
  const server = createWebServer({ network })
  const { socketUrl, ca } = await server.listen()
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-number-'))
  const certificate = join(folder, 'ca.pem')
  writeFileSync(certificate, ca)
  const phones = followPhones(network)
  const customer = await openCustomer()
  const cables: Cable[] = []
  let overlaps = 0
  const unrest = options.unrest ? setInterval(() => stir(server, number, random), UNREST_MS) : undefined

  return {
    network,
    server,
    number,
    hookUrl: customer.url,
    told: customer.told,
    ...phones,
    get arrived() {
      return phones.count()
    },
    keyOf: ({ tag }) => tag,
    write(phone) {
      const text = `inbound ${phones.written.length}`
      phones.written.push(text)
      network.reply(phone, number, { content: { type: 'text', text } })
    },
    get waiting() {
      return server.unacknowledged(number)
    },
    cable(node) {
      const cable = cables[node]
      if (!cable) throw new Error(`node ${node} has no cable`)
      return cable
    },
    get overlaps() {
      return overlaps
    },
    async environment(node) {
      const cable = await openCable(Number(new URL(socketUrl).port), () => {
        if (cables.some((other, i) => i !== node && other.open > 0)) overlaps++
      })
      cables[node] = cable
      return { CHASQUI_WEB_SOCKET_URL: `ws://127.0.0.1:${cable.port}/ws/chat`, NODE_EXTRA_CA_CERTS: certificate }
    },
    cutLines() {
      for (const cable of cables) cable.cut()
    },
    connect: (house, rate) => linkNumber({ ...house, server, number, rate: Math.min(rate, RATE_MOST) }),
    complaints() {
      const devices = server.devices(number)
      return [
        ...(devices.length === 1 && devices[0]?.id === 1 ? [] : [`the phone lists ${JSON.stringify(devices)}`]),
        ...(overlaps === 0 || options.mayOverlap ? [] : [`${overlaps} times two nodes were connected at once`]),
        ...server.complaints(),
      ]
    },
    async close() {
      clearInterval(unrest)
      for (const cable of cables) await cable.close()
      await server.close()
      network.close()
      await customer.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What phones show: a message is known by its words, so that one under two wire ids is two. */
function followPhones(network: World['network']) {
  const arrivals = new Map<string, Arrival>()
  const seen = new Set<string>()
  const written: string[] = []
  network.on('bubble', ({ chat, bubble: { direction, wireId, content } }) => {
    if (direction !== 'to_phone' || seen.has(wireId) || content.type !== 'text') return
    const tag = content.text.replace('words ', '')
    const known = arrivals.get(tag)
    if (known) known.times++
    else arrivals.set(tag, { phone: chat.phone, times: 1, first: seen.size })
    seen.add(wireId)
  })
  return { arrivals, written, count: () => seen.size }
}

/** Sometimes answers come at once, sometimes late, sometimes together and the last one first. */
function stir({ faults }: WebServer, number: string, random: () => number): void {
  faults.releaseAcks(number, random() < 0.5 ? 'reversed' : 'kept')
  if (random() < 0.4) faults.holdAcks(number)
  faults.delayAcks(number, random() < 0.5 ? Math.ceil(random() * DELAY_MOST_MS) : 0)
}

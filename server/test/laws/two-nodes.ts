import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromTypeId } from '#kit/ids'
import { readConfig } from '../../src/config.ts'
import { type House, openHouse } from '../../src/house.ts'
import { createGraphEmulator, createNetwork, type FaultRule, type Network } from '../../src/simulator/index.ts'
import { type Answer, eventually, openTestHouse, type TestHouse } from '../house.ts'

const ACCOUNT = { wabaId: '1029384756', accessToken: 'EAAtoken', appSecret: 'app secret', verifyToken: 'verify me' } as const
export const APP_SECRET = ACCOUNT.appSecret

export type Number = { id: string; number: string }
export type Arrival = { at: number; messageId: string; to: string }
export type Shown = {
  id: string
  state: string
  attempt: number
  wireId: string | null
  failure: { code: string } | null
  sendingAt: string | null
}

/** Two nodes on one database, and the network outside: what a number sends goes through either, what the network tells comes to the second. */
export interface TwoNodes {
  readonly house: TestHouse
  readonly network: Network
  /** Each message as it came to a phone, in order; `at` in milliseconds of this process. */
  readonly arrivals: Arrival[]
  /** The channel's webhook on the second node. */
  readonly hookUrl: string
  call<Body = Record<string, unknown>>(node: 0 | 1, method: string, path: string, body?: unknown): Promise<Answer<Body>>
  /** Answers our id of a message that was accepted. */
  send(node: 0 | 1, body: Record<string, unknown>): Promise<string>
  reach(id: string, state: string, mostMs?: number): Promise<Shown>
  openChannel(number: Number, settings: Record<string, unknown>): Promise<string>
  fault(rule: FaultRule): void
  /** A counter of both nodes together. */
  metric(name: string): Promise<number[]>
  closeSecond(): Promise<void>
  close(): Promise<void>
}

export const NUMBERS: readonly [Number, Number, Number] = [
  { id: '5566778899', number: '+15550001111' },
  { id: '5566778800', number: '+15550001112' },
  { id: '5566778801', number: '+15550001113' },
]

export async function openTwoNodes(options: { reconcileSeconds: number; mostSeconds: number; rate: number }): Promise<TwoNodes> {
  const network = createNetwork({ delays: { sentMs: 5, deliveredMs: 15, readMs: 40, answerMs: 20, lateMs: 50 } })
  const arrivals: Arrival[] = []
  const deliver: Network['deliver'] = (business, to, message) => {
    const verdict = network.deliver(business, to, message)
    const left = verdict.kind === 'accepted' || ('sent' in verdict && verdict.sent)
    if (left) arrivals.push({ at: performance.now(), messageId: message.callbackData?.split(':')[1] ?? '', to })
    return verdict
  }
  const emulator = createGraphEmulator({
    network: { ...network, deliver },
    accounts: [{ ...ACCOUNT, phoneNumbers: NUMBERS.map((one) => ({ ...one, verifiedName: 'Shop' })) }],
    webhooks: { retry: { firstMs: 20, factor: 2, mostMs: 200, attempts: 20 } },
  })
  const environment = {
    CHASQUI_GRAPH_URL: await emulator.listen(),
    CHASQUI_RECONCILE_SECONDS: String(options.reconcileSeconds),
    CHASQUI_RECONCILE_MOST_SECONDS: String(options.mostSeconds),
  }
  const house = await openTestHouse(environment)
  const second = await openSecond(house, environment)
  const urls = [house.url, second.house.url] as const
  const key = house.firstRun.live.keys.canonical
  let hookUrl = ''

  const nodes: TwoNodes = {
    house,
    network,
    arrivals,
    get hookUrl() {
      return hookUrl
    },
    async call<Body>(node: 0 | 1, method: string, path: string, body?: unknown) {
      const answer = await fetch(`${urls[node]}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, body: (text === '' ? undefined : JSON.parse(text)) as Body } // the test says what it expects
    },
    async send(node, body) {
      const answer = await nodes.call<{ id: string }>(node, 'POST', '/v2/messages', { outsideWindow: 'attempt', ...body })
      if (answer.status !== 201) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`)
      return answer.body.id
    },
    reach: (id, state, mostMs = 15_000) =>
      eventually(async () => {
        const { body } = await nodes.call<Shown>(0, 'GET', `/v2/messages/${id}`)
        return body.state === state && body
      }, mostMs),
    async openChannel({ id, number }, settings) {
      const { body } = await nodes.call<{ id: string; webhookUrl: string }>(0, 'POST', '/v2/channels', {
        ...{ kind: 'cloud', name: number, phone: number, phoneNumberId: id, settings },
        ...ACCOUNT,
      })
      hookUrl ||= `${urls[1]}${new URL(body.webhookUrl).pathname}`
      emulator.setWebhook(ACCOUNT.wabaId, hookUrl)
      return body.id
    },
    fault: (rule) => void network.faults.set(rule),
    metric: (name) => Promise.all(urls.map((url) => readMetric(url, name))),
    closeSecond: second.close,
    async close() {
      await second.close()
      await house.close()
      await emulator.close()
      network.close()
    },
  }
  await nodes.openChannel(NUMBERS[0], { rate: options.rate })
  return nodes
}

async function openSecond(first: TestHouse, environment: Record<string, string>): Promise<{ house: House; close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-second-'))
  const { host, user, password, database } = first.test.address as { host: string; user: string; password: string; database: string } // the test server has a socket, no URL
  const house = await openHouse(
    readConfig({
      CHASQUI_DATA_DIR: dataDir,
      CHASQUI_PORT: '0',
      CHASQUI_ALLOW_NETWORKS: '127.0.0.0/8',
      CHASQUI_SECRET: 'a secret of a test house, long enough',
      CHASQUI_LOG_LEVEL: 'error',
      DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}`,
      ...environment,
    }),
  )
  await house.listen()
  let closing: Promise<void> | undefined
  const end = async () => {
    await house.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return {
    house,
    close() {
      closing ??= end()
      return closing
    },
  }
}

async function readMetric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Our id as the network gets it. */
export const uuidOf = (id: string): string => fromTypeId('msg', id) ?? ''

import { type Helper, startHelper } from './calls.ts'
import type { EmulatorFacts } from './children/emulator.ts'
import { cpuOf, meterCpu } from './cpu.ts'
import { type House, type HouseOptions, openHouse } from './houses.ts'
import type { Target } from './peers/post.ts'

/** A house, the emulator it sends to and a receiver of webhooks: each a process of its own, ended together. */
export interface World {
  readonly house: House
  readonly emulator: Helper
  readonly receiver: Helper
  readonly receiverUrl: string
  readonly emulatorUrl: string
  /** Where a peer's handler posts: a number whose messages are told to nobody. */
  readonly silent: Target
  api<Answer>(method: string, path: string, body?: unknown): Promise<Answer>
  /** Connects a number of the emulator. `told`: its receipts come back by webhook, three a message. */
  channel(options: { told: boolean; rate: number }): Promise<Channel>
  facts(): Promise<EmulatorFacts>
  /** Processor seconds by process since the call. */
  meter(more?: Record<string, () => number>): () => Record<string, number>
  close(): Promise<void>
}

export type Channel = {
  /** As the API names it. */ id: string /** As the database does. */
  uuid: string
  phoneNumberId: string /** Its account at the network. */
  wabaId: string
  token: string
}

export const CREDENTIALS = { accessToken: 'bench-token', appSecret: 'bench-app-secret', verifyToken: 'bench-verify' }
const SILENT = { wabaId: '900000000000001', token: 'bench-token-silent', phoneNumberId: '900000000000002', number: '+15550199' }
const VERSION = 'v23.0'

export async function openWorld(options: HouseOptions = {}): Promise<World> {
  const [emulator, receiver] = [startHelper('./children/emulator.ts'), startHelper('./children/receiver.ts')]
  const [emulatorUrl, receiverUrl] = [await emulator.ask<string>('open'), await receiver.ask<string>('open')]
  await emulator.ask('account', {
    ...CREDENTIALS,
    accessToken: SILENT.token,
    wabaId: SILENT.wabaId,
    phoneNumbers: [{ id: SILENT.phoneNumberId, number: SILENT.number }],
  })
  const env = { CHASQUI_GRAPH_URL: emulatorUrl, CHASQUI_GRAPH_VERSION: VERSION, CHASQUI_ALLOW_NETWORKS: '127.0.0.0/8' }
  const house = await openHouse({ ...options, env: { ...env, ...options.env } })
  await liftLimits(house)
  const api = apiOf(house)
  let made = 0
  return {
    house,
    emulator,
    receiver,
    emulatorUrl,
    receiverUrl,
    silent: { origin: emulatorUrl, path: `/${VERSION}/${SILENT.phoneNumberId}/messages`, token: SILENT.token },
    api,
    channel: (wanted) => connect({ house, emulator, api }, { ...wanted, index: ++made }),
    facts: () => emulator.ask('facts'),
    meter: (more = {}) =>
      meterCpu({
        house: () => house.cpu().house,
        postgres: () => house.cpu().postgres,
        emulator: () => cpuOf(emulator.pid),
        receiver: () => cpuOf(receiver.pid),
        ...more,
      }),
    async close() {
      await house.close()
      await Promise.all([emulator.stop(), receiver.stop()])
    },
  }
}

/** The plan of a fresh house lets 6,000 requests a minute through: here nothing but the machine is the limit. */
export async function liftLimits(house: House): Promise<void> {
  await house.db.query(`insert into plans (name) values ('bench') on conflict do nothing`)
  await house.db.query(`update organizations set plan = 'bench'`)
  await new Promise((done) => setTimeout(done, 5_200)) // the house believes what it read for 5 s
}

export const apiOf =
  ({ url, key }: House) =>
  async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await fetch(`${url}/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as Answer // the caller knows the route
  }

type Connecting = Pick<World, 'house' | 'emulator' | 'api'>

async function connect(
  { house, emulator, api }: Connecting,
  { told, rate, index }: { told: boolean; rate: number; index: number },
): Promise<Channel> {
  const [phoneNumberId, wabaId, number] = [String(100_000_000_000 + index), String(200_000_000_000 + index), `+4930${1_000_000 + index}`]
  const token = `${CREDENTIALS.accessToken}-${index}`
  await emulator.ask('account', { ...CREDENTIALS, accessToken: token, wabaId, phoneNumbers: [{ id: phoneNumberId, number }] })
  const made = await api<{ id: string; webhookUrl: string }>('POST', '/channels', {
    kind: 'cloud',
    name: `bench ${index}`,
    phone: number,
    phoneNumberId,
    wabaId,
    ...CREDENTIALS,
    accessToken: token,
    settings: { rate },
  })
  if (told) await emulator.ask('webhook', { wabaId, url: `${house.url}${new URL(made.webhookUrl).pathname}` })
  const { rows } = await house.db.query<{ id: string }>('select id from channels where remote_id = $1', [phoneNumberId])
  return { id: made.id, uuid: rows[0]?.id ?? '', phoneNumberId, wabaId, token }
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createGraphEmulator, createNetwork, type Network, normalNumber } from '../simulator/index.ts'
import { type Command, wrongCall } from './command.ts'

/** What only Meta's API has. */
const GRAPH_DEFAULTS: Readonly<Record<string, string>> = {
  'phone-number-id': '100000000000001',
  waba: '200000000000001',
  webhook: '',
  token: 'emulator-token',
  'app-secret': 'emulator-app-secret',
  'verify-token': 'emulator-verify-token',
  latency: '0',
}

export const emulator: Command = {
  name: 'emulator',
  usage: 'emulator [--web] [--port 4010] [--number +1…] [--webhook URL] [--token T] [--latency MS]',
  does: "Run an emulator of Meta's Graph API over simulated phones, or with --web of WhatsApp's server for linked devices",
  options: {
    web: { type: 'boolean', default: false },
    port: { type: 'string', default: '4010' },
    number: { type: 'string', default: '+15552000100' },
    'phone-number-id': { type: 'string' },
    waba: { type: 'string' },
    webhook: { type: 'string' },
    token: { type: 'string' },
    'app-secret': { type: 'string' },
    'verify-token': { type: 'string' },
    latency: { type: 'string' },
    scale: { type: 'string', default: '1' },
    counts: { type: 'boolean', default: false },
  },
  async run({ values, config }) {
    const text = (name: string) => String(values[name] ?? GRAPH_DEFAULTS[name] ?? '')
    const whole = (name: string) => {
      const number = Number(text(name))
      if (!Number.isFinite(number) || number < 0) throw wrongCall(emulator, `--${name} is a number.`)
      return number
    }
    const number = normalNumber(text('number'))
    if (!/^\+\d{5,15}$/.test(number)) throw wrongCall(emulator, '--number is a phone number, such as +15552000100.')
    const graphOnly = Object.keys(GRAPH_DEFAULTS).filter((name) => values[name] !== undefined)
    if (values.web && graphOnly.length > 0) throw wrongCall(emulator, `--${graphOnly[0]} does not go with --web.`)
    const network = createNetwork({ scale: whole('scale'), keepChats: values.counts ? 'counts' : 'all' })
    if (values.web) return runWeb(network, { port: whole('port'), number, dataDir: config.dataDir })
    const graph = createGraphEmulator({
      network,
      latencyMs: whole('latency'),
      control: true,
      accounts: [
        {
          wabaId: text('waba'),
          accessToken: text('token'),
          appSecret: text('app-secret'),
          verifyToken: text('verify-token'),
          phoneNumbers: [{ id: text('phone-number-id'), number }],
          ...(values.webhook && { webhookUrl: text('webhook') }),
        },
      ],
    })
    const url = await graph.listen(whole('port'))
    console.log(hints(url, number, text))
    await ended()
    await graph.close()
    network.close()
  },
}

const ended = () =>
  new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
  })

/** Loaded here and not before: it is large. */
async function runWeb(network: Network, { port, number, dataDir }: { port: number; number: string; dataDir: string }): Promise<void> {
  const { createWebServer } = await import('../simulator/web/index.ts')
  console.info = console.warn = () => {} // the library of Signal prints its sessions there
  const server = createWebServer({ network, control: true, numbers: [number] })
  const { socketUrl, controlUrl, ca } = await server.listen(port)
  const caFile = resolve(dataDir, 'emulator-ca.pem')
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(caFile, ca)
  console.log(webHints({ socketUrl, controlUrl, caFile, number }))
  await ended()
  await server.close()
  network.close()
}

const webHints = ({ socketUrl, controlUrl, caFile, number }: Record<'socketUrl' | 'controlUrl' | 'caFile' | 'number', string>): string =>
  [
    `A WhatsApp server for linked devices is open at ${socketUrl}; the phone of ${number} is there.`,
    '',
    '1. Start Chasqui with',
    `     CHASQUI_WEB_SOCKET_URL=${socketUrl} NODE_EXTRA_CA_CERTS=${caFile}`,
    '2. Scan what it shows, or type its letters:',
    `     curl ${controlUrl}/_control/scan -d '{"number": "${number}", "qr": "…"}'`,
    `     curl ${controlUrl}/_control/code -d '{"number": "${number}", "code": "ABCD1234"}'`,
    `3. Hold a phone: npm run chasqui -- phone +12025550123 --emulator ${controlUrl}`,
  ].join('\n')

const hints = (url: string, number: string, text: (name: string) => string): string =>
  [
    `The Graph API is open at ${url} for ${number}:`,
    `  phone number id ${text('phone-number-id')}, WABA ${text('waba')}`,
    `  access token ${text('token')}, app secret ${text('app-secret')}, verify token ${text('verify-token')}`,
    '',
    `1. Start Chasqui with CHASQUI_GRAPH_URL=${url} and connect the number as a channel.`,
    "2. Tell the emulator the channel's webhookUrl:",
    `     curl ${url}/_control/webhook -d '{"wabaId": "${text('waba')}", "url": "…"}'`,
    `3. Hold a phone: npm run chasqui -- phone +12025550123 --emulator ${url}`,
  ].join('\n')

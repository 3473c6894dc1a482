import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createGraphEmulator, createNetwork, type Network } from '../simulator/index.ts'
import { type Command, wrongCall } from './command.ts'

export const emulator: Command = {
  name: 'emulator',
  usage: 'emulator [--web] [--port 4010] [--number +1…] [--webhook URL] [--token T] [--latency MS]',
  does: "Run an emulator of Meta's Graph API over simulated phones, or with --web of WhatsApp's server for linked devices",
  options: {
    web: { type: 'boolean', default: false },
    port: { type: 'string', default: '4010' },
    number: { type: 'string', default: '+15552000100' },
    'phone-number-id': { type: 'string', default: '100000000000001' },
    waba: { type: 'string', default: '200000000000001' },
    webhook: { type: 'string' },
    token: { type: 'string', default: 'emulator-token' },
    'app-secret': { type: 'string', default: 'emulator-app-secret' },
    'verify-token': { type: 'string', default: 'emulator-verify-token' },
    latency: { type: 'string', default: '0' },
    scale: { type: 'string', default: '1' },
    counts: { type: 'boolean', default: false },
  },
  async run({ values, config }) {
    const text = (name: string) => String(values[name] ?? '')
    const whole = (name: string) => {
      const number = Number(text(name))
      if (!Number.isFinite(number) || number < 0) throw wrongCall(emulator, `--${name} is a number.`)
      return number
    }
    const network = createNetwork({ scale: whole('scale'), keepChats: values.counts ? 'counts' : 'all' })
    if (values.web) return runWeb(network, { port: whole('port'), number: text('number'), dataDir: config.dataDir })
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
          phoneNumbers: [{ id: text('phone-number-id'), number: text('number') }],
          ...(values.webhook && { webhookUrl: text('webhook') }),
        },
      ],
    })
    const url = await graph.listen(whole('port'))
    console.log(hints(url, text))
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

const hints = (url: string, text: (name: string) => string): string =>
  [
    `The Graph API is open at ${url} for ${text('number')}:`,
    `  phone number id ${text('phone-number-id')}, WABA ${text('waba')}`,
    `  access token ${text('token')}, app secret ${text('app-secret')}, verify token ${text('verify-token')}`,
    '',
    `1. Start Chasqui with CHASQUI_GRAPH_URL=${url} and connect the number as a channel.`,
    "2. Tell the emulator the channel's webhookUrl:",
    `     curl ${url}/_control/webhook -d '{"wabaId": "${text('waba')}", "url": "…"}'`,
    `3. Hold a phone: npm run chasqui -- phone +12025550123 --emulator ${url}`,
  ].join('\n')

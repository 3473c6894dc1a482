import { createGraphEmulator, createNetwork } from '../simulator/index.ts'
import { type Command, wrongCall } from './command.ts'

export const emulator: Command = {
  name: 'emulator',
  usage: 'emulator [--port 4010] [--number +1…] [--webhook URL] [--token T] [--latency MS]',
  does: "Run an emulator of Meta's Graph API over simulated phones",
  options: {
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
  async run({ values }) {
    const text = (name: string) => String(values[name] ?? '')
    const whole = (name: string) => {
      const number = Number(text(name))
      if (!Number.isFinite(number) || number < 0) throw wrongCall(emulator, `--${name} is a number.`)
      return number
    }
    const network = createNetwork({ scale: whole('scale'), keepChats: values.counts ? 'counts' : 'all' })
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
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
    })
    await graph.close()
    network.close()
  },
}

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

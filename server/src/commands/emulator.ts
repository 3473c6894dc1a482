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
    console.log(`Graph API at ${url} for ${text('number')} (phone number id ${text('phone-number-id')}, WABA ${text('waba')})`)
    console.log(
      `Access token ${text('token')}, app secret ${text('app-secret')}, verify token ${text('verify-token')}; steering under ${url}/_control`,
    )
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done())
    })
    await graph.close()
    network.close()
  },
}

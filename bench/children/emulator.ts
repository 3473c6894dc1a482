import { createGraphEmulator, createNetwork } from '../../server/src/simulator/index.ts'
import { answerCalls } from '../calls.ts'

/** The emulator of Meta's Graph API in a process of its own. 'told' numbers get webhooks, 'silent' ones do not. */
const SILENT = { wabaId: '200000000000002', phoneNumberId: '100000000000002', number: '+15550102' }

export type Arrival = [callbackData: string, epochMs: number]
export type EmulatorFacts = { distinct: number; twice: number; delivered: number; lost: number; retries: number; requests: number }

const network = createNetwork({ scale: 0, keepChats: 'counts', mostCounted: 5_000_000 })
let arrivals: Arrival[] | undefined
const watched = {
  ...network,
  deliver(...attempt: Parameters<typeof network.deliver>) {
    arrivals?.push([attempt[2].callbackData ?? '', performance.timeOrigin + performance.now()])
    return network.deliver(...attempt)
  },
}
const common = { accessToken: 'bench-token', appSecret: 'bench-app-secret', verifyToken: 'bench-verify' }
const emulator = createGraphEmulator({
  network: watched,
  control: true,
  webhooks: { batch: 50, lingerMs: 5, connections: 16, mostQueued: 2_000_000, retry: { firstMs: 200, factor: 2, mostMs: 2_000, attempts: 20 } },
  accounts: [
    { ...common, wabaId: SILENT.wabaId, phoneNumbers: [{ id: SILENT.phoneNumberId, number: SILENT.number }], accessToken: 'bench-token-silent' },
  ],
})

answerCalls({
  open: () => emulator.listen(0),
  /** A business account with its numbers, `webhookUrl` undefined: nobody is told anything. */
  account: ({ wabaId, token, numbers, webhookUrl }: { wabaId: string; token: string; numbers: { id: string; number: string }[]; webhookUrl?: string }) =>
    emulator.addAccount({ ...common, wabaId, accessToken: token, phoneNumbers: numbers, ...(webhookUrl && { webhookUrl }) }),
  latency: (ms: number) => emulator.setLatency(ms),
  facts: (): EmulatorFacts => {
    const { requests, webhooks, network: counted } = emulator.stats()
    const { delivered, lost, retries } = webhooks
    return { distinct: counted.sends.distinct, twice: counted.sends.twice, delivered, lost, retries, requests }
  },
  watch: (on: boolean) => {
    arrivals = on ? [] : undefined
  },
  arrivals: () => arrivals ?? [],
  forget: () => network.ledger.clear(),
})

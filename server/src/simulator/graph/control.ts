import { z } from 'zod'
import { type Control, type ControlAnswer, createControl, done } from '../control.ts'
import { AccountOptions } from './accounts.ts'
import type { Emulator } from './emulator-state.ts'

type Verbs = {
  stats(): unknown
  addAccount(options: AccountOptions): void
  setWebhook(wabaId: string, url: string | undefined): boolean
  setLatency(ms: number): void
  moveTemplate(wabaId: string, which: { name: string; language: string }, status: z.output<typeof TemplateMove>['status']): boolean
}

const Latency = z.strictObject({ ms: z.number().min(0).max(60_000) })
const Webhook = z.strictObject({ wabaId: z.string(), url: z.url().nullable() })
const TemplateMove = z.strictObject({
  wabaId: z.string(),
  name: z.string(),
  language: z.string(),
  status: z.enum(['PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED', 'PENDING_DELETION']),
})

export const createGraphControl = (emulator: Emulator, verbs: Verbs): Control =>
  createControl({
    network: emulator.network,
    stats: verbs.stats,
    businesses: () => [...emulator.numbersByNumber.values()].map(({ id, number, account }) => ({ id, number, wabaId: account.wabaId })),
    steer: ({ method, what, sent }) => (method === 'POST' ? steer(verbs, what, sent) : undefined),
  })

function steer(verbs: Verbs, what: string, sent: unknown): ControlAnswer | undefined {
  switch (what) {
    case 'latency':
      verbs.setLatency(Latency.parse(sent).ms)
      return done()
    case 'accounts':
      verbs.addAccount(AccountOptions.parse(sent))
      return done()
    case 'webhook': {
      const { wabaId, url } = Webhook.parse(sent)
      return done(verbs.setWebhook(wabaId, url ?? undefined))
    }
    case 'templates': {
      const { wabaId, status, ...which } = TemplateMove.parse(sent)
      return done(verbs.moveTemplate(wabaId, which, status))
    }
    default:
      return undefined
  }
}

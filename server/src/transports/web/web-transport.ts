import type { Transport } from '#core/transport'
import { WEB_CAPABILITIES } from './capabilities.ts'

/** The road over a person's own number, as a linked device of the phone. */
export function createWebTransport(): Transport {
  return {
    kind: 'web',
    capabilities: () => WEB_CAPABILITIES,
    send: async () => ({ kind: 'retry', code: 'not_started', reason: 'This number is not connected here', slow: 'none', afterMs: 1_000 }),
    test: async () => ({ ok: false, code: 'not_connected', reason: 'This number is not connected' }),
  }
}

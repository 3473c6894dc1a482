import type { WAVersion } from 'baileys'
import { openOperatorClient } from '#kit/operator-client'

/** The version of WhatsApp Web that we say we are. */
export interface WebVersion {
  /** Undefined: the one that the library was made with. */
  readonly current: WAVersion | undefined
  /** Asks WhatsApp for its own; true when that is another one than before. */
  refresh(): Promise<boolean>
  close(): Promise<void>
}

const PATH = '/sw.js'
const TIMEOUT_MS = 10_000
const BYTES_MOST = 4_000_000

/** WhatsApp names its version in the page's own script, on the host of the socket. */
export function openWebVersion(socketUrl: string): WebVersion {
  const origin = new URL(socketUrl).origin.replace(/^ws/, 'http')
  const client = openOperatorClient({ origin, connections: 1 })
  let current: WAVersion | undefined
  return {
    get current() {
      return current
    },
    async refresh() {
      const answer = await client.request({ method: 'GET', path: PATH, timeoutMs: TIMEOUT_MS, maxBytes: BYTES_MOST })
      const revision = answer.kind === 'answer' && answer.status === 200 ? revisionIn(answer.body.toString('utf8')) : undefined
      if (revision === undefined || revision === current?.[2]) return false
      current = [2, 3000, revision]
      return true
    },
    close: () => client.close(),
  }
}

const revisionIn = (script: string): number | undefined => {
  const revision = Number(/client_revision\\?":\s*(\d{4,12})/.exec(script)?.[1])
  return Number.isSafeInteger(revision) ? revision : undefined
}

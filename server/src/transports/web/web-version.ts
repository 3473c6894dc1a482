import type { WAVersion } from 'baileys'
import { openOperatorClient } from '#kit/operator-client'

/** The version of WhatsApp Web that we say we are. */
export interface WebVersion {
  /** Undefined: the one that the library was made with. */
  readonly current: WAVersion | undefined
  /** Another version than the one that was refused is known, or WhatsApp names one now; then it is the current one. */
  refresh(refused: WAVersion | undefined): Promise<boolean>
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
  let asking: Promise<void> | undefined
  const ask = async () => {
    const answer = await client.request({ method: 'GET', path: PATH, timeoutMs: TIMEOUT_MS, maxBytes: BYTES_MOST })
    const revision = answer.kind === 'answer' && answer.status === 200 ? revisionIn(answer.body.toString('utf8')) : undefined
    if (revision !== undefined) current = [2, 3000, revision]
  }
  const isAnother = (refused: WAVersion | undefined) => current !== undefined && current[2] !== refused?.[2]
  return {
    get current() {
      return current
    },
    async refresh(refused) {
      if (isAnother(refused)) return true
      asking ??= ask().finally(() => {
        asking = undefined
      })
      await asking
      return isAnother(refused)
    },
    close: () => client.close(),
  }
}

const revisionIn = (script: string): number | undefined => {
  const revision = Number(/client_revision\\?":\s*(\d{4,12})/.exec(script)?.[1])
  return Number.isSafeInteger(revision) ? revision : undefined
}

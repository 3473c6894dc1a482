import { setTimeout as sleep } from 'node:timers/promises'
import type { BinaryNode } from 'baileys'
import type { Socket } from './library.ts'

type Listener = (node: BinaryNode) => void

const RECEIPT = 'CB:receipt'
const TRIES_MOST = 10
const AGAIN_MS = 1_000

/**
 * Takes every receipt in before the library hears of it: the library acknowledges it, and what is acknowledged never comes again.
 * One that cannot be taken in is left unacknowledged: the network tells it to the next connection.
 */
export function keepReceipts(socket: Socket, take: (node: BinaryNode) => Promise<void>, failed: (error: unknown) => void): void {
  const theirs = socket.ws.listeners(RECEIPT) as Listener[] // an emitter does not know what its listeners take
  socket.ws.removeAllListeners(RECEIPT)
  socket.ws.on(RECEIPT, (node: BinaryNode) => {
    persist(() => take(node)).then(() => {
      for (const listener of theirs) listener(node)
    }, failed)
  })
}

async function persist(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries >= TRIES_MOST) throw error
      await sleep(AGAIN_MS, undefined, { ref: false })
    }
  }
}

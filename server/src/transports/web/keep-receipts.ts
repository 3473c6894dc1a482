import type { BinaryNode } from 'baileys'
import type { Socket } from './library.ts'
import { persist } from './persist.ts'

type Listener = (node: BinaryNode) => void

const RECEIPT = 'CB:receipt'
const PERSISTENCE = { tries: 10, everyMs: 1_000 }

/**
 * Takes every receipt in before the library hears of it: the library acknowledges it, and what is acknowledged never comes again.
 * One that cannot be taken in is left unacknowledged: the network tells it to the next connection. The library's listeners are guarded already.
 */
export function keepReceipts(socket: Socket, take: (node: BinaryNode) => Promise<void>, failed: (error: unknown) => void): void {
  const theirs = socket.ws.listeners(RECEIPT) as Listener[] // an emitter does not know what its listeners take
  socket.ws.removeAllListeners(RECEIPT)
  socket.ws.on(RECEIPT, (node: BinaryNode) => {
    persist(() => take(node), PERSISTENCE)
      .then(() => {
        for (const listener of theirs) listener(node)
      })
      .catch(failed)
  })
}

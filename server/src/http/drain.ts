import { once } from 'node:events'
import { Server as Listener } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** A client may be slow between two requests; one that is cut there cannot know whether its next one was taken. */
const TELL_MS = 1_000
const DRAIN_MS = 10_000

/** Lets go of clients without dropping a request: the listener goes first, every answer from then on ends its connection, silent ones are closed last. */
export function createDrain(app: FastifyInstance, drainMs = DRAIN_MS) {
  let draining = false
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (draining) reply.header('Connection', 'close')
    done()
  })
  return {
    isDraining: () => draining,
    async close(): Promise<void> {
      draining = true
      if (app.server.listening) await letGo(app, Math.min(TELL_MS, drainMs))
      const cut = setTimeout(() => app.server.closeAllConnections(), drainMs)
      try {
        await app.close()
      } finally {
        clearTimeout(cut)
      }
    },
  }
}

/** Until every connection has ended by its last answer, `atMostMs` at most. HTTP's own close() would cut those that are between two requests. */
async function letGo(app: FastifyInstance, atMostMs: number): Promise<void> {
  const ended = once(app.server, 'close')
  Listener.prototype.close.call(app.server)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((done) => {
    timer = setTimeout(done, atMostMs)
  })
  await Promise.race([ended, late])
  clearTimeout(timer)
}

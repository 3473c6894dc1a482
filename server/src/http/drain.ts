import type { FastifyInstance } from 'fastify'

const TELL_MS = 250
const DRAIN_MS = 10_000

/** Lets go of clients without dropping a request: answers carry `Connection: close` first, then the listener goes, then stragglers. */
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
      // clients that keep connections alive move to fresh ones, which end after one answer
      if ((await openConnections(app)) > 0) await new Promise((done) => setTimeout(done, Math.min(TELL_MS, drainMs)))
      const cut = setTimeout(() => app.server.closeAllConnections(), drainMs)
      try {
        await app.close()
      } finally {
        clearTimeout(cut)
      }
    },
  }
}

const openConnections = (app: FastifyInstance): Promise<number> =>
  new Promise((done) => app.server.getConnections((_error, count) => done(count ?? 0)))

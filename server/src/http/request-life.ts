import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '#kit/context'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import { tellStanding } from './admission.ts'
import type { Standing } from './rate-limits.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the workspace stands in its minute; undefined on open routes and without a limit. */
    standing: Standing | undefined
  }
}

export const newRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`

const CONTEXT = Symbol('context')
type Admitted = FastifyRequest & { [CONTEXT]?: Context }

/** What every request gets: its id on the answer, its place for the context, one line in the log, one count. */
export function giveLife(app: FastifyInstance, { log, metrics }: { log: Logger; metrics: Pick<Metrics, 'requests'> }): void {
  app.decorateRequest('standing', undefined)
  app.decorateRequest('ctx', {
    getter(this: Admitted) {
      const ctx = this[CONTEXT]
      if (!ctx) throw new Error('this route was not admitted')
      return ctx
    },
    setter(this: Admitted, ctx: Context) {
      this[CONTEXT] = ctx
    },
  })
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id)
    done()
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (request.standing) tellStanding(reply, request.standing)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown') // the pattern: ids and queries stay out
    metrics.requests.labels(request.method, route, String(reply.statusCode)).observe(reply.elapsedTime / 1000)
    if (!log.isLevelEnabled('info')) return done()
    const line = {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    log[reply.statusCode >= 500 ? 'warn' : 'info'](line, 'answered')
    done()
  })
}

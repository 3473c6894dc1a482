import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sameSecret } from '#kit/crypto'
import type { Metrics } from '#kit/metrics'

export type HouseRoutes = {
  metrics: Pick<Metrics, 'registry'>
  /** Bearer token of /metrics; without one only this machine may ask. */
  metricsToken: string | undefined
  /** Is the database reachable and the house open? Facts without secrets. */
  ready(): Promise<{ ok: boolean; checks: Readonly<Record<string, string>> }>
  draining(): boolean
  /** The plain page at /. */
  home(): string
}

const READY_WITHIN_MS = 3_000

/** What the house itself answers, beside its doors: the page at /, health, readiness, metrics. */
export function addHouseRoutes(app: FastifyInstance, house: HouseRoutes): void {
  app.get('/', (_, reply) => reply.headers(PAGE_HEADERS).send(house.home()))
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async (_, reply) => {
    const { ok, checks } = house.draining() ? { ok: false, checks: { house: 'draining' } } : await withinBound(house.ready())
    return reply.code(ok ? 200 : 503).send({ status: ok ? 'ready' : 'not ready', checks })
  })
  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, house.metricsToken)) return refuseMetrics(reply)
    const { registry } = house.metrics
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

async function withinBound(ready: ReturnType<HouseRoutes['ready']>): ReturnType<HouseRoutes['ready']> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Awaited<ReturnType<HouseRoutes['ready']>>>((done) => {
    timer = setTimeout(() => done({ ok: false, checks: { database: 'slow' } }), READY_WITHIN_MS)
  })
  try {
    return await Promise.race([ready, late])
  } catch {
    return { ok: false, checks: { database: 'unreachable' } }
  } finally {
    clearTimeout(timer)
  }
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

function mayReadMetrics(request: FastifyRequest, token: string | undefined): boolean {
  if (token !== undefined) return sameSecret(request.headers.authorization ?? '', `Bearer ${token}`)
  const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined // a proxy on this machine is not this machine
  return !forwarded && LOOPBACK.test(request.socket.remoteAddress ?? '')
}

const refuseMetrics = (reply: FastifyReply) => reply.code(403).send({ status: 'forbidden' })

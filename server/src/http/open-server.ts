import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import type { Door } from '#kit/door'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import { type AdmissionParts, createAdmission } from './admission.ts'
import { createDrain } from './drain.ts'
import { addHouseRoutes, type HouseRoutes } from './house-routes.ts'
import { BODY_MOST, takeJson } from './json-body.ts'
import type { Mount } from './mount.ts'
import { mountDoors } from './mount-doors.ts'
import { idempotencyOf, once } from './once.ts'
import { addReferencePages, type Reference } from './reference-pages.ts'
import { giveLife, newRequestId } from './request-life.ts'
import { createVoices, refuseConnection, speakEverywhere } from './voices.ts'

export type ServerSettings = {
  /** Where people reach us, without a slash at the end. */
  publicUrl: string
  /** Host name -> the one door it serves. */
  hosts: ReadonlyMap<string, string>
  /** Addresses or networks whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  metricsToken: string | undefined
  /** Milliseconds for requests in flight when the house closes. */
  drainMs?: number
}

export type ServerParts = AdmissionParts &
  Pick<HouseRoutes, 'ready' | 'home'> & {
    settings: ServerSettings
    /** The doors, canonical first: unknown paths get its voice. */
    mounts: readonly Mount[]
    /** Routes of transports: each in a scope of its own, with its own body parser. */
    hooks: readonly FastifyPluginAsync[]
    log: Logger
    metrics: Pick<Metrics, 'registry' | 'requests'>
  }

export interface Server {
  readonly app: FastifyInstance
  /** Answers the address, http://host:port. */
  listen(at: { host: string; port: number }): Promise<string>
  /** Stops taking connections, finishes what was asked, tells every connection to close. */
  close(): Promise<void>
}

export async function openServer(parts: ServerParts): Promise<Server> {
  const { settings, mounts, hooks, log, metrics } = parts
  const voices = createVoices(mounts, log)
  const app: FastifyInstance = Fastify({
    logger: false, // its own lines would show URLs with their queries; request-life writes ours
    genReqId: newRequestId,
    requestIdHeader: false,
    bodyLimit: BODY_MOST,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    return503OnClosing: false, // a request that reached us is answered
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 1_024 },
    frameworkErrors: (error, request, reply) => {
      reply.header('X-Request-Id', request.id)
      voices.refuse(error, request, reply)
    },
    clientErrorHandler: refuseConnection,
  })
  const drain = createDrain(app, settings.drainMs)
  giveLife(app, { log, metrics })
  takeJson(app)
  speakEverywhere(app, voices, { mounts, hosts: settings.hosts })
  await addRoutes(app, parts, drain.isDraining)
  for (const hook of hooks) await app.register(async (scope) => hook(scope, {}))
  await app.ready()
  return {
    app,
    async listen({ host, port }) {
      await app.listen({ host, port })
      const { address, family, port: bound } = app.server.address() as AddressInfo // a TCP listener has no other kind of address
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
    },
    close: drain.close,
  }
}

async function addRoutes(app: FastifyInstance, parts: ServerParts, draining: () => boolean): Promise<void> {
  const { settings, mounts, metrics, ready, home } = parts
  const door: Door = {
    admit: createAdmission(parts),
    once,
    idempotency: idempotencyOf,
    get publicUrl() {
      return settings.publicUrl // on an ephemeral port it is known after listen
    },
  }
  addHouseRoutes(app, { metrics, ready, home, draining, metricsToken: settings.metricsToken })
  let references: readonly Reference[] = []
  addReferencePages(app, () => references)
  references = await mountDoors(app, mounts, door)
}

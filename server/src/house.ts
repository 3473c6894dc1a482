import { join } from 'node:path'
import { openAcceptor, openAddressBook, openQueueTouches, openSettler, openWaiters } from '#core/messages'
import type { WebhookStyle } from '#core/webhooks'
import type { Actor, Context, Ports } from '#kit/context'
import { openHttpClient } from '#kit/http-client'
import { openMetrics } from '#kit/metrics'
import type { Config } from './config.ts'
import { dialects } from './dialects/index.ts'
import { openEngine } from './dispatch/engine.ts'
import { openFetching } from './dispatch/fetch-files.ts'
import { openInbound } from './dispatch/inbound.ts'
import { openSweep } from './dispatch/sweep.ts'
import { openWebhookTeller } from './dispatch/webhooks/index.ts'
import { FIRST_RUN_FILE, prepareFirstRun } from './first-run.ts'
import { type Foundation, openFoundation } from './foundation.ts'
import { hearNodes } from './hear-nodes.ts'
import { homePage, welcomeWords } from './home-page.ts'
import { openRateLimits, openServer } from './http/index.ts'
import { createNetwork } from './simulator/index.ts'
import { openTransports } from './transports/index.ts'

export interface House {
  readonly url: string
  listen(): Promise<void>
  /** What a person at the terminal wants to read. */
  welcome(): string
  /** Stops taking, finishes what was begun, leaves nothing half done. */
  close(): Promise<void>
}

const DRAIN_MS = 15_000

/** The one place where the parts meet. */
export async function openHouse(config: Config): Promise<House> {
  const foundation = await openFoundation(config, { alone: true })
  try {
    return await furnish(foundation)
  } catch (error) {
    await foundation.close()
    throw error
  }
}

async function furnish(foundation: Foundation): Promise<House> {
  const { config, log, database, clock, events, hub, installation } = foundation
  const metrics = openMetrics()
  const now = () => clock.now()
  const http = openHttpClient({ allowNetworks: config.allowNetworks })
  const network = createNetwork({})
  const transports = openTransports({ config, network, installationId: installation.id, database, channels: foundation.channels, now })
  const waiters = openWaiters()
  const styles: ReadonlyMap<string, WebhookStyle> = new Map(dialects.map(({ name, webhooks }) => [name, webhooks]))
  const touches = openQueueTouches({ database, wake: (dues) => engine.wake(dues) })
  const settler = openSettler({
    database,
    events,
    installationId: installation.id,
    log,
    touches,
    ended: (messages) => waiters.end(messages.map(({ id }) => id)),
    observe: (_, after) => metrics.ended.inc({ state: after.state }),
  })
  const ports: Ports = {
    events,
    eventHub: hub,
    settler,
    touches,
    waiters,
    http,
    acceptor: openAcceptor({ database, events, now, touches, count: (messages) => metrics.accepted.inc(messages) }),
    addressBook: openAddressBook({ database, events }),
    keyRing: foundation.keyRing,
    channels: foundation.channels,
    workspaces: foundation.workspaces,
    secretBox: foundation.secretBox,
    files: foundation.files,
    transports: transports.byKind,
    simulator: transports.simulatorPort,
  }
  const contextOf = (actor: Actor, requestId: string): Context => ({
    db: database.db,
    actor,
    workspaceId: actor.workspaceId,
    ports,
    now,
    requestId,
    log,
    transaction: undefined,
  })

  const reconcileMs = config.reconcileSeconds * 1000
  const engine = openEngine({
    database,
    ports,
    metrics,
    log,
    now,
    files: foundation.files,
    installationId: installation.id,
    reconcileMs,
    reconcileMostMs: config.reconcileMostSeconds * 1000,
    timeoutMs: Math.min(30_000, reconcileMs * 0.6),
  })
  const inbound = openInbound({ database, ports, log, metrics, now, parse: transports.parse })
  const fetching = openFetching({ database, ports, log, now })
  const sweep = openSweep({ database, ports, log, metrics, now, wake: () => engine.wake(), sendsSoFar: () => engine.sends })
  const teller = openWebhookTeller({ database, http, secretBox: foundation.secretBox, styles, hub, clock, log, metrics })

  const listener = await hearNodes(foundation, { engine, waiters, addressBook: ports.addressBook, teller })

  let url = config.publicUrl ?? ''
  let open = false
  const server = await openServer({
    settings: {
      get publicUrl() {
        return url // on an ephemeral port it is known after listen
      },
      hosts: config.hosts,
      trustedProxies: config.trustedProxies,
      metricsToken: config.metricsToken,
      drainMs: DRAIN_MS,
    },
    mounts: dialects,
    hooks: [transports.hooks(foundation.channels, inbound)],
    log,
    metrics,
    keyRing: foundation.keyRing,
    rateLimits: openRateLimits({ db: database.db, now }),
    makeContext: contextOf,
    ready: async () => {
      if (!open) return { ok: false, checks: { house: 'opening' } }
      await clock.sync()
      return { ok: true, checks: { database: 'ok' } }
    },
    home: () => homePage(url, join(foundation.dataDir, FIRST_RUN_FILE)),
  })

  return {
    get url() {
      return url
    },
    async listen() {
      const engineRuns = config.roles.includes('engine')
      await transports.open(inbound, log)
      const bound = await server.listen({ host: config.host, port: config.port })
      url ||= bound
      await prepareFirstRun(
        foundation,
        (workspace) =>
          contextOf(
            {
              kind: 'system',
              id: undefined,
              organizationId: workspace.organizationId,
              workspaceId: workspace.id,
              environment: workspace.environment,
              scopes: ['*'],
            },
            'first-run',
          ),
        url,
      )
      open = true
      if (!engineRuns) return
      inbound.start()
      engine.start()
      teller.start()
      sweep.start()
      fetching.start()
    },
    welcome: () => welcomeWords(url, join(foundation.dataDir, FIRST_RUN_FILE)),
    async close() {
      waiters.release()
      await server.close()
      await sweep.stop()
      await fetching.stop()
      await engine.stop(DRAIN_MS)
      await transports.close()
      await inbound.stop()
      await ports.acceptor.drain()
      await settler.drain()
      await touches.drain()
      await teller.close()
      await listener.close()
      await foundation.keyRing.close()
      await http.close()
      await foundation.close()
      await new Promise<void>((done) => log.flush(() => done()))
    },
  }
}

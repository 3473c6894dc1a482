import { join } from 'node:path'
import type { Actor, Context, Ports } from '#kit/context'
import { type HttpClient, openHttpClient } from '#kit/http-client'
import { newId } from '#kit/ids'
import { type Metrics, openMetrics } from '#kit/metrics'
import type { Config } from './config.ts'
import { dialects, stylesOf } from './dialects/index.ts'
import { type CampaignGuard, openCampaignGuard } from './dispatch/campaign-guard.ts'
import { openCampaigns } from './dispatch/campaigns.ts'
import { openEngine } from './dispatch/engine.ts'
import { openFetching } from './dispatch/fetch-files.ts'
import { openInbound } from './dispatch/inbound.ts'
import { openRecurring } from './dispatch/recurring.ts'
import { openSweep } from './dispatch/sweep.ts'
import { openWebhookTeller } from './dispatch/webhooks/webhook-teller.ts'
import { FIRST_RUN_FILE, prepareFirstRun } from './first-run.ts'
import { type Foundation, openFoundation } from './foundation.ts'
import { hearNodes } from './hear-nodes.ts'
import { homePage, welcomeWords } from './home-page.ts'
import { openRateLimits, openServer, type Server, type ServerParts } from './http/index.ts'
import { openPorts } from './open-ports.ts'
import { createNetwork } from './simulator/index.ts'
import { openTransports, type Transports } from './transports/index.ts'

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
  const { config, log } = foundation
  const metrics = openMetrics()
  const node = newId()
  const sign = { publicUrl: config.publicUrl ?? '', isOpen: false } // on an ephemeral port the address is known after listen
  const http = openHttpClient({ allowNetworks: config.allowNetworks })
  const transports = openRoads(foundation, node)
  const guard = openCampaignGuard()
  const ports = openPorts(foundation, { metrics, http, transports, observe: guard.observe, wake: (dues) => works.engine.wake(dues) })
  const contextOf = contextMaker(foundation, ports)
  const works = openWorks(foundation, { node, ports, transports, http, metrics, guard, contextOf, sign })
  const { engine, inbound, teller } = works
  const listener = await hearNodes(foundation, { ...ports, engine, teller, roads: transports })
  const server = await openDoors(foundation, { contextOf, metrics, sign, hooks: [transports.hooks(foundation.channels, inbound)] })

  return {
    get url() {
      return sign.publicUrl
    },
    async listen() {
      await transports.open(inbound, log)
      const bound = await server.listen({ host: config.host, port: config.port })
      sign.publicUrl ||= bound
      await prepareFirstRun(foundation, (workspace) => contextOf(ofTheHouse(workspace), 'first-run'), sign.publicUrl)
      sign.isOpen = true
      if (config.roles.includes('engine')) works.start()
    },
    welcome: () => welcomeWords(sign.publicUrl, firstRunFile(foundation)),
    async close() {
      ports.waiters.release()
      await server.close()
      await works.campaigns.stop()
      await works.sweep.stop()
      await works.fetching.stop()
      await works.recurring.stop()
      await engine.stop(DRAIN_MS)
      await transports.close()
      await inbound.stop()
      await ports.linkPreviews.stop()
      await ports.acceptor.drain()
      await ports.settler.drain()
      await ports.touches.drain()
      await teller.close()
      await listener.close()
      await foundation.keyRing.close()
      await http.close()
      await foundation.close()
      await new Promise<void>((done) => log.flush(() => done()))
    },
  }
}

/** Where people reach the house, and whether they may. */
type Sign = { readonly publicUrl: string; readonly isOpen: boolean }

/** The roads to WhatsApp; one of them leads to the simulated network. */
function openRoads(
  { config, installation, database, channels, workspaces, clock, events, secretBox, files }: Foundation,
  node: string,
): Transports {
  const network = createNetwork({})
  const known = { config, node, installationId: installation.id, database, channels, workspaces, events, secretBox, files }
  return openTransports({ ...known, network, now: () => clock.now() })
}

type WorkParts = {
  /** Names this process to the others. */
  node: string
  ports: Ports
  transports: Transports
  http: HttpClient
  metrics: Metrics
  guard: CampaignGuard
  contextOf: ContextOf
  sign: Sign
}

/** What goes on by itself, without a request. */
function openWorks(foundation: Foundation, { node, ports, transports, http, metrics, guard, contextOf, sign }: WorkParts) {
  const { config, database, log, clock, hub, secretBox } = foundation
  const shared = { database, ports, log, metrics, now: () => clock.now() }
  const reconcileMs = config.reconcileSeconds * 1000
  const contextIn = async (workspaceId: string) => contextOf(ofTheHouse(await ports.workspaces.get(workspaceId)), 'the house')
  const engine = openEngine({
    ...shared,
    node,
    contextIn,
    files: foundation.files,
    installationId: foundation.installation.id,
    observeUnknown: guard.observeUnknown,
    reconcileMs,
    reconcileMostMs: config.reconcileMostSeconds * 1000,
    timeoutMs: Math.min(30_000, reconcileMs * 0.6),
  })
  const inbound = openInbound({ ...shared, parse: transports.parse })
  const fetching = openFetching(shared)
  const sweep = openSweep({ ...shared, wake: () => engine.wake(), sendsSoFar: () => engine.sends })
  const campaigns = openCampaigns({ ...shared, guard, contextIn })
  const recurring = openRecurring({ ...shared, contextIn })
  const teller = openWebhookTeller({ database, http, secretBox, styles: stylesOf(sign), hub, clock, log, metrics })
  const start = () => {
    for (const work of [inbound, engine, teller, sweep, fetching, campaigns, recurring]) work.start()
  }
  return { engine, inbound, fetching, recurring, sweep, teller, campaigns, start }
}

type ContextOf = (actor: Actor, requestId: string) => Context

function contextMaker({ database, clock, log }: Foundation, ports: Ports): ContextOf {
  const now = () => clock.now()
  return (actor, requestId) => ({
    db: database.db,
    actor,
    workspaceId: actor.workspaceId,
    ports,
    now,
    requestId,
    log,
    transaction: undefined,
  })
}

/** The house as an actor: what it does in a workspace on its own behalf. */
const ofTheHouse = ({ id, organizationId, environment }: { id: string; organizationId: string; environment: 'live' | 'test' }): Actor => ({
  kind: 'system',
  id: undefined,
  organizationId,
  workspaceId: id,
  environment,
  scopes: ['*'],
})

type DoorParts = Pick<ServerParts, 'hooks'> & {
  contextOf: ContextOf
  metrics: Metrics
  sign: Sign
}

/** The server with every dialect behind it. */
function openDoors(foundation: Foundation, { contextOf, metrics, sign, hooks }: DoorParts): Promise<Server> {
  const { config, log, database, clock, keyRing } = foundation
  return openServer({
    settings: {
      get publicUrl() {
        return sign.publicUrl
      },
      hosts: config.hosts,
      trustedProxies: config.trustedProxies,
      metricsToken: config.metricsToken,
      drainMs: DRAIN_MS,
    },
    mounts: dialects,
    hooks,
    log,
    metrics,
    keyRing,
    rateLimits: openRateLimits({ db: database.db, now: () => clock.now() }),
    makeContext: contextOf,
    ready: async () => {
      if (!sign.isOpen) return { ok: false, checks: { house: 'opening' } }
      await clock.sync()
      return { ok: true, checks: { database: 'ok' } }
    },
    home: () => homePage(sign.publicUrl, firstRunFile(foundation)),
  })
}

const firstRunFile = ({ dataDir }: Foundation): string => join(dataDir, FIRST_RUN_FILE)

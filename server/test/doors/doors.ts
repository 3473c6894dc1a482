import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { type Channel, createChannel } from '#core/channels'
import { eventsPort, openEventHub } from '#core/events'
import { roadGroupOf } from '#core/groups'
import { issueKey, openKeyRing } from '#core/keys'
import { openLinkReader } from '#core/links'
import { openAcceptor, openAddressBook, openLinkPreviews, openQueueTouches } from '#core/messages'
import { findNewsletterOf } from '#core/newsletters'
import { createOrganization } from '#core/organizations'
import type { Capabilities, Transport } from '#core/transport'
import { openWorkspaceDirectory, type Workspace } from '#core/workspaces'
import type { Actor, Context, Ports } from '#kit/context'
import { all, sql } from '#kit/db'
import { openHttpClient } from '#kit/http-client'
import { type LogLevel, openLog } from '#kit/log'
import { openMetrics } from '#kit/metrics'
import { openWaiters } from '#kit/waiters'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { dialects } from '../../src/dialects/index.ts'
import { openRateLimits, openServer, type Server, type ServerSettings } from '../../src/http/index.ts'
import { createNetwork } from '../../src/simulator/index.ts'
import { createSandboxTransport, type SandboxNetwork } from '../../src/transports/sandbox/index.ts'
import { webCapabilities } from '../../src/transports/web/capabilities.ts'
import { testContext } from '../context.ts'
import type { TestDatabase } from '../database.ts'

export type Asked = {
  method?: string
  path: string
  key?: string | undefined
  body?: unknown
  headers?: Record<string, string>
  raw?: string | Buffer
}
export type Told = { status: number; headers: Headers; body: unknown; text: string }

export type Tenant = {
  workspace: Workspace
  ctx: Context
  /** A key that may everything. */
  key: string
  own: Channel
  cloud: Channel
  makeKey(scopes: readonly string[]): Promise<string>
}

/** The real server with real doors, core and database; no engine: nothing is ever sent. */
export interface Doors {
  url: string
  server: Server
  ports: Ports
  /** The log so far. */
  log(): string
  ask(asked: Asked): Promise<Told>
  tenant(options?: { plan?: string; environment?: 'live' | 'test' }): Promise<Tenant>
  close(): Promise<void>
}

type Options = {
  settings?: Partial<ServerSettings>
  hooks?: readonly FastifyPluginAsync[]
  logLevel?: LogLevel
  /** Told of every route that a door adds. */
  onRoute?: (route: { method: string; url: string; schema: unknown }) => void
  /** Told of every answer before it is written; needs onRoute. */
  onAnswer?: (request: FastifyRequest, status: number, payload: unknown) => void
}

export async function openDoors(
  test: TestDatabase,
  { settings, hooks = [], logLevel = 'trace', onRoute, onAnswer }: Options = {},
): Promise<Doors> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-doors-'))
  const log = openLog(logLevel, join(folder, 'log'))
  const { database, clock } = test
  const now = () => clock.now()
  const metrics = openMetrics()
  const hub = openEventHub({ database, log })
  const events = eventsPort(hub)
  const http = openHttpClient({ allowNetworks: ['127.0.0.0/8'] })
  const links = openLinkReader({ http })
  const network = createNetwork({})
  const keyRing = openKeyRing({ db: database.db, log })
  const touches = openQueueTouches({ database, wake: () => undefined })
  const more: Partial<Ports> = {
    touches,
    events,
    eventHub: hub,
    http,
    keyRing,
    simulator: network,
    links,
    linkPreviews: openLinkPreviews({ db: database.db, links, log }),
    waiters: openWaiters(),
    addressBook: openAddressBook({ database, events }),
    workspaces: openWorkspaceDirectory({ db: database.db }),
    acceptor: openAcceptor({ database, events, now, touches }),
    transports: new Map([
      ['sandbox', { ...silentTransport, ...groupRoads(test, network) }],
      ['cloud', silentTransport],
      ['web', { ...silentTransport, kind: 'web', capabilities: webCapabilities }],
    ]),
  }
  const base = (workspace: Workspace) => ({ ...testContext(test, workspace, { dataDir: folder, ports: more }), log })
  let ports: Ports | undefined
  const makeContext = (actor: Actor, requestId: string): Context => {
    if (!ports) throw new Error('ask for a tenant first')
    return { db: database.db, actor, workspaceId: actor.workspaceId, ports, now, requestId, log, transaction: undefined }
  }
  const server = await openServer({
    settings: { publicUrl: 'http://chasqui.test', hosts: new Map(), trustedProxies: [], metricsToken: undefined, ...settings },
    mounts: onRoute ? dialects.map((dialect) => watched(dialect, onRoute, onAnswer)) : dialects,
    hooks,
    log,
    metrics,
    keyRing,
    rateLimits: openRateLimits({ db: database.db, now }),
    makeContext,
    ready: async () => ({ ok: true, checks: { database: 'ok' } }),
    home: () => '<!doctype html><title>home</title>',
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    server,
    get ports() {
      if (!ports) throw new Error('ask for a tenant first')
      return ports
    },
    log() {
      log.flush()
      return readFileSync(join(folder, 'log'), 'utf8')
    },
    ask: (asked) => ask(url, asked),
    async tenant({ plan = 'unlimited', environment = 'test' } = {}) {
      const made = await createOrganization(database.db, { name: 'Doors', plan })
      const workspace = made[environment]
      const ctx = base(workspace)
      ports ??= ctx.ports
      const shared = { ...ctx, ports }
      const { secret } = await issueKey(database.db, { workspaceId: workspace.id, name: 'all' })
      const [own, cloud] = environment === 'test' ? await sandboxChannels(shared) : await cloudChannels(shared)
      return {
        workspace,
        ctx: shared,
        key: secret,
        own,
        cloud,
        makeKey: async (scopes) => (await issueKey(database.db, { workspaceId: workspace.id, name: 'some', scopes })).secret,
      }
    },
    async close() {
      await server.close()
      await ports?.linkPreviews.stop()
      await ports?.acceptor.drain()
      await touches.drain()
      await hub.close()
      await keyRing.close()
      await http.close()
      network.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The door, its routes told as they are added. */
const watched = (dialect: Dialect, tell: NonNullable<Options['onRoute']>, check: Options['onAnswer']): Dialect => ({
  ...dialect,
  async routes(scope, door) {
    scope.addHook('onRoute', ({ method, url, schema }) => {
      for (const one of [method].flat()) tell({ method: one, url, schema })
    })
    scope.addHook('preSerialization', async (request, reply, payload) => {
      check?.(request, reply.statusCode, payload)
      return payload
    })
    await dialect.routes(scope, door)
  },
})

async function sandboxChannels(ctx: Context): Promise<[Channel, Channel]> {
  return [
    await createChannel(ctx, { kind: 'sandbox', persona: 'own_number' }),
    await createChannel(ctx, { kind: 'sandbox', persona: 'cloud' }),
  ]
}

async function cloudChannels(ctx: Context): Promise<[Channel, Channel]> {
  const secrets = { accessToken: 'token', appSecret: 'secret', verifyToken: 'verify' }
  const make = (n: number) =>
    createChannel(ctx, {
      kind: 'cloud',
      name: `Cloud ${n}`,
      phone: `+1202555010${n}`,
      phoneNumberId: `10000000${n}`,
      wabaId: '200000001',
      ...secrets,
    })
  return [await make(1), await make(2)]
}

export async function ask(url: string, { method, path, key, body, headers, raw }: Asked): Promise<Told> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const answer = await fetch(`${url}${path}`, {
    method: method ?? (payload === undefined ? 'GET' : 'POST'),
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { body: typeof payload === 'string' ? payload : new Uint8Array(payload) }),
    redirect: 'manual',
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
  }
}

/** Rows of every table but those that count requests. */
export async function countRows({ database: { db } }: TestDatabase): Promise<Record<string, number>> {
  const tables = await all(
    db,
    sql<{ name: string }>`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'rate_windows' order by 1`,
  )
  const counts = await Promise.all(
    tables.map(
      async ({ name }) => [name, (await all(db, sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`))[0]?.n ?? 0] as const,
    ),
  )
  return Object.fromEntries(counts)
}

const ALL_CONTENT: Capabilities['content'] = [
  'text',
  'image',
  'video',
  'audio',
  'voice',
  'document',
  'sticker',
  'location',
  'contacts',
  'poll',
  'reaction',
  'interactive',
  'template',
]

/** Groups alone have a network behind them. */
function groupRoads({ database: { db } }: TestDatabase, network: SandboxNetwork): Pick<Transport, 'groups' | 'newsletters'> {
  const { groups, newsletters } = createSandboxTransport({
    network,
    words: { outcomeOf: () => ({ kind: 'unknown', reason: '' }), failureOf: () => ({ code: '', reason: '' }) },
    cloud: silentTransport.capabilities({ settings: { persona: 'cloud' } }),
    ownNumber: silentTransport.capabilities({ settings: {} }),
    callbackData: (messageId) => messageId,
    book: {
      channelOf: async () => undefined,
      isWindowOpen: async () => false,
      unread: async () => [],
      group: (channelId, address) => roadGroupOf(db, channelId, address),
      newsletter: (channelId, address) => findNewsletterOf(db, channelId, address),
    },
  })
  return { ...(groups && { groups }), ...(newsletters && { newsletters }) }
}

/** The sandbox's words about itself, without a network behind it. */
const silentTransport: Transport = {
  kind: 'sandbox',
  capabilities: ({ settings }) => ({
    content:
      settings.persona === 'cloud'
        ? ALL_CONTENT.filter((type) => type !== 'poll')
        : ALL_CONTENT.filter((type) => type !== 'template' && type !== 'interactive'),
    templates: settings.persona === 'cloud',
    groups: settings.persona !== 'cloud',
    newsletters: settings.persona !== 'cloud',
    presence: false,
    window: settings.persona === 'cloud',
    pair: undefined,
    choosesWireId: true,
    markRead: true,
    session: settings.persona === 'cloud' ? undefined : { returnsAfterSeconds: 3 },
    lookups: settings.persona !== 'cloud',
    linkPreviews: settings.persona !== 'cloud',
    pins: settings.persona !== 'cloud',
    edits: settings.persona !== 'cloud',
    revokes: settings.persona !== 'cloud',
    captionMost: 1024,
    nativeMedia: { image: [], video: [], audio: [], voice: [], sticker: [] },
  }),
  pin: () => Promise.resolve(),
  edit: () => Promise.resolve(),
  revoke: () => Promise.resolve(),
  send: () => Promise.resolve({ kind: 'unknown', reason: 'nothing is sent here' }),
  test: () => Promise.resolve({ ok: true, facts: {} }),
}

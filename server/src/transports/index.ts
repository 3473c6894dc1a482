import type { FastifyPluginAsync } from 'fastify'
import type { ChannelDirectory } from '#core/channels'
import { mediaIdOf } from '#core/content'
import { findLastInboundAt, windowClosesAt } from '#core/conversations'
import { roadGroupOf } from '#core/groups'
import { openMedia } from '#core/media'
import { callbackDataOf, findSent, findUnreadSandboxMessages, toOutgoing } from '#core/messages'
import { findNewsletterOf } from '#core/newsletters'
import type { SimulatorPort } from '#core/simulators'
import type { ChannelKind, Inbox, Incoming, Transport, TransportChannel } from '#core/transport'
import type { WorkspaceDirectory } from '#core/workspaces'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import { openOperatorClient } from '#kit/operator-client'
import {
  CLOUD_CAPABILITIES,
  createCloudTransport,
  failureOf,
  findUpload,
  forgetUpload,
  type HookLookup,
  type HookSink,
  keepUpload,
  metaHooks,
  outcomeOf,
  parseBody,
  type UploadBook,
} from './cloud/index.ts'
import { createSandboxTransport, type SandboxBook, type SandboxNetwork } from './sandbox/index.ts'
import { createWebTransport, type WebBook } from './web/index.ts'

type Parts = {
  config: { graphUrl: string; graphVersion: string; webSocketUrl: string; roles: readonly string[] }
  network: SandboxNetwork & SimulatorPort
  installationId: string
  /** Names this process to the others. */
  node: string
  events: Ports['events']
  secretBox: SecretBox
  files: Ports['files']
  database: Database
  channels: Pick<ChannelDirectory, 'bySandboxNumber'>
  workspaces: Pick<WorkspaceDirectory, 'get'>
  /** The database's time. */
  now(): Date
}

/** Every road to WhatsApp, and what the house plugs in for them. */
export interface Transports {
  readonly byKind: ReadonlyMap<ChannelKind, Transport>
  readonly simulatorPort: SimulatorPort
  /** Reads a kept body, by the number it is for (undefined: the channel's own). Throws when it is none of that road's. */
  parse(channel: Pick<TransportChannel, 'id' | 'workspaceId' | 'kind'>, body: Buffer): Promise<Map<string | undefined, Incoming>>
  /** The routes under /hooks/meta, for a scope of their own. */
  hooks(channels: HookLookup, sink: HookSink): FastifyPluginAsync
  open(inbox: Inbox, log: Logger): Promise<void>
  /** Something about a channel was changed, here or on another node. */
  changed(channelId: string): void
  /** A process asks something of a session that another one holds, or was answered. */
  called(): void
  answered(callId: string): void
  close(): Promise<void>
}

/** As many as the engine may have on the wire, and some for read marks and files. */
const CONNECTIONS = 1_056
const FILE_CONNECTIONS = 16
const RECOVER_MS = 15 * 60_000
const RECOVER_MOST = 10_000

export function openTransports(parts: Parts): Transports {
  const { config, network, installationId, now } = parts
  const client = openOperatorClient({ origin: new URL(config.graphUrl).origin, connections: CONNECTIONS })
  const cloud = createCloudTransport({
    graphUrl: config.graphUrl,
    version: config.graphVersion,
    client,
    openClient: (origin) => openOperatorClient({ origin, connections: FILE_CONNECTIONS }),
    uploads: uploadBook(parts),
    now,
  })
  const web = createWebTransport({
    db: parts.database.db,
    events: parts.events,
    secretBox: parts.secretBox,
    socketUrl: config.webSocketUrl,
    node: parts.node,
    holds: config.roles.includes('web-channels'),
    book: webBook(parts),
    openClient: (origin) => openOperatorClient({ origin, connections: FILE_CONNECTIONS }),
    now,
  })
  const sandbox = createSandboxTransport({
    network,
    words: { outcomeOf, failureOf },
    cloud: CLOUD_CAPABILITIES,
    ownNumber: web.capabilities({ settings: {} }),
    book: sandboxBook(parts),
    callbackData: (messageId, attempt) => callbackDataOf(installationId, messageId, attempt),
  })
  const roads: readonly Transport[] = [cloud, web, sandbox]
  return {
    byKind: new Map(roads.map((road) => [road.kind, road])),
    simulatorPort: network,
    async parse(channel, body) {
      return channel.kind === 'web' ? new Map([[undefined, await web.parse(channel, body)]]) : parseBody(body, now()).byPhoneNumberId
    },
    hooks: (channels, sink) => metaHooks({ channels, sink, now }),
    async open(inbox, log) {
      for (const road of roads) await road.open?.(inbox, log)
    },
    changed(channelId) {
      for (const road of roads) road.changed?.(channelId)
    },
    called: () => web.called(),
    answered: (callId) => web.answered(callId),
    async close() {
      for (const road of roads) await road.close?.()
      await client.close()
    },
  }
}

const uploadBook = ({ database: { db } }: Parts): UploadBook => ({
  find: (channelId, mediaId, at) => findUpload(db, channelId, mediaId, at),
  keep: (upload) => keepUpload(db, upload),
  forget: (upload) => forgetUpload(db, upload),
})

const sandboxBook = ({ database: { db }, channels, now }: Parts): SandboxBook => ({
  channelOf: async (number) => (await channels.bySandboxNumber(number))?.id,
  isWindowOpen: async (channelId, address) =>
    windowClosesAt({ lastInboundAt: await findLastInboundAt(db, { channelId, address }) }, now()) !== undefined,
  group: (channelId, address) => roadGroupOf(db, channelId, address),
  newsletter: (channelId, address) => findNewsletterOf(db, channelId, address),
  unread: () => findUnreadSandboxMessages(db, { sentSince: new Date(now().getTime() - RECOVER_MS), most: RECOVER_MOST }),
})

const webBook = ({ database: { db }, installationId, files, workspaces }: Parts): WebBook => ({
  async sent(channel, wireId) {
    const row = await findSent(db, channel, wireId)
    if (!row) return undefined
    const { attempt, sentAt, content } = row
    const mediaId = mediaIdOf(content)
    const opened = mediaId === undefined ? undefined : await openMedia(db, files, channel.workspaceId, mediaId)
    const media = opened && { ...opened.media, read: opened.read }
    const { footer } = (await workspaces.get(channel.workspaceId)).plan
    return {
      ...toOutgoing(row, { attempt, footer, media, wireId, installationId }),
      sentAt,
      isTakenBack: row.facts?.deletedAt !== undefined,
    }
  },
})

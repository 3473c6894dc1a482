import type { BinaryNode, ConnectionState, GroupMetadata, proto, WAVersion } from 'baileys'
import type { Receipt } from '#core/transport'
import { createCache } from '#kit/cache'
import type { Logger } from '#kit/log'
import { type Acks, openAcks } from './acks.ts'
import type { AuthState } from './auth-state.ts'
import { keepMessages } from './keep-messages.ts'
import { keepReceipts } from './keep-receipts.ts'
import type { Baileys, Socket } from './library.ts'
import { quietLogger } from './quiet-library.ts'
import { toLateRefusal, toReceipts } from './receipts.wire.ts'

export type ConnectionParts = {
  baileys: Baileys
  auth: AuthState
  socketUrl: string
  /** Undefined: the one that the library knows. */
  version: WAVersion | undefined
  channelId: string
  log: Logger
  /** Commits a decrypted message before it counts as received. */
  keep(body: Buffer): Promise<void>
  /** Commits what receipts say before they are acknowledged. */
  told(receipts: Receipt[]): Promise<void>
  /** A message of ours that somebody's phone could not decrypt and asks for again. */
  sentBefore(channelId: string, wireId: string): Promise<proto.IMessage | undefined>
  /** There is something new to scan. */
  qr(text: string): void
  opened(): void
}

/** One connection to WhatsApp, from its first byte to its last. */
export interface Connection {
  readonly socket: Socket
  readonly acks: Acks
  /** Since when it is open: logged in, and told what it missed. */
  readonly isOpen: boolean
  /** Resolves when it has ended, with the reason as a number. */
  readonly closed: Promise<number | undefined>
  /** Ends it at once, without a word to the network. */
  cut(): void
}

/** Between the ack of a login and the end of what was missed. */
const OPEN_WITHIN_MS = 30_000

export function connect({ baileys, auth, log, channelId, ...parts }: ConnectionParts): Connection {
  const { creds, keys } = auth.state
  const acks = openAcks()
  const keeping = keepMessages({
    baileys,
    me: () => (creds.me ? { id: creds.me.id, lid: creds.me.lid } : undefined),
    keep: parts.keep,
  })
  const options: Parameters<Baileys['makeWASocket']>[0] = {
    auth: { creds, keys },
    waWebSocketUrl: parts.socketUrl,
    logger: quietLogger(log, channelId),
    browser: baileys.Browsers.ubuntu('Chrome'),
    markOnlineOnConnect: false, // else the phone shows no notifications any more
    syncFullHistory: false,
    emitOwnEvents: false,
    makeSignalRepository: keeping.makeSignalRepository,
    getMessage: async ({ id }) => (id ? parts.sentBefore(channelId, id) : undefined),
    cachedGroupMetadata: (jid) => groups.get(jid),
    userDevicesCache: auth.devices,
    shouldIgnoreJid: (jid) => baileys.isJidBroadcast(jid),
  }
  if (parts.version) options.version = parts.version
  const socket = baileys.makeWASocket(options)
  const groups = rememberGroups(socket)
  let isOpen = false
  let ended = false
  const { promise: closed, resolve } = Promise.withResolvers<number | undefined>()
  const end = (code: number | undefined) => {
    if (ended) return
    ended = true
    isOpen = false
    clearTimeout(overdue)
    acks.end()
    resolve(code)
  }
  const cut = (code?: number) => {
    // the library's own end waits for the other side to say goodbye, which a dead one never does
    const hidden = socket.ws as unknown as { socket?: { terminate?(): void } | null } // a field of its own that it keeps to itself
    hidden.socket?.terminate?.()
    void Promise.resolve(socket.end(undefined)).catch(() => undefined)
    end(code)
  }
  const overdue = setTimeout(() => !isOpen && auth.isPaired && cut(408), OPEN_WITHIN_MS).unref()

  socket.ws.on('CB:message', (node: BinaryNode) => {
    acks.alive()
    keeping.watch(node)
  })
  const takeReceipts = async (node: BinaryNode) => {
    const receipts = toReceipts(node, { id: creds.me?.id ?? '', lid: creds.me?.lid })
    if (receipts.length > 0) await parts.told(receipts)
  }
  keepReceipts(socket, takeReceipts, (error) => log.warn({ channelId, error }, 'a receipt could not be taken in'))
  const takeRefusal = (attributes: BinaryNode['attrs']) => {
    const refusals = toLateRefusal(attributes)
    if (refusals.length > 0)
      parts.told(refusals).catch((error: Error) => log.warn({ channelId, error: error.message }, 'a refusal could not be taken in'))
  }
  socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => acks.heard(attrs) || takeRefusal(attrs))
  socket.ev.on(
    'creds.update',
    () => void auth.save().catch((error: Error) => log.warn({ channelId, error: error.message }, 'an identity could not be saved')),
  )
  socket.ev.on('connection.update', (update: Partial<ConnectionState>) => {
    if (update.qr && !auth.isPaired) parts.qr(update.qr)
    if (update.connection === 'open') {
      isOpen = true
      clearTimeout(overdue)
      parts.opened()
    }
    if (update.connection === 'close') end(codeOf(update.lastDisconnect?.error))
  })
  return {
    socket,
    acks,
    closed,
    get isOpen() {
      return isOpen
    },
    cut: () => cut(),
  }
}

/** The library wraps the network's number in an error of its own kind. */
function codeOf(error: unknown): number | undefined {
  const { output } = (error ?? {}) as { output?: { statusCode?: unknown } } // whatever was thrown
  return typeof output?.statusCode === 'number' ? output.statusCode : undefined
}

const GROUPS_MOST = 200
const GROUPS_MS = 10 * 60_000

/** Who is in a group, so that not every message to it asks anew; forgotten when something happens in it. */
function rememberGroups(socket: Socket) {
  const known = createCache<GroupMetadata>({ most: GROUPS_MOST, ageMs: GROUPS_MS })
  socket.ws.on('CB:notification', ({ attrs }: BinaryNode) => known.delete(attrs.from ?? ''))
  return {
    async get(jid: string): Promise<GroupMetadata> {
      const group = known.get(jid) ?? (await socket.groupMetadata(jid))
      known.set(jid, group)
      return group
    },
  }
}

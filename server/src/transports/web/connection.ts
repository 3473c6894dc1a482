import type { BinaryNode, ConnectionState, GroupMetadata, proto, SocketConfig, WAMessageKey, WAVersion } from 'baileys'
import type { Receipt } from '#core/transport'
import { reasonIn } from '#kit/errors'
import type { Logger } from '#kit/log'
import { type Acks, openAcks } from './acks.ts'
import type { AuthState } from './auth-state.ts'
import { type Ending, openEnding } from './ending.ts'
import { guardSocket } from './guard-socket.ts'
import { type Keeping, keepMessages } from './keep-messages.ts'
import { keepReceipts } from './keep-receipts.ts'
import type { Baileys, Socket } from './library.ts'
import { quietLogger } from './quiet-library.ts'
import { toLateRefusal, toReceipts } from './receipts.wire.ts'
import { rememberGroups } from './remember-groups.ts'

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
  sentBefore(channelId: string, key: WAMessageKey): Promise<proto.IMessage | undefined>
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

export function connect(parts: ConnectionParts): Connection {
  const { baileys, auth, channelId } = parts
  const { creds } = auth.state
  const acks = openAcks()
  const keeping = keepMessages({
    baileys,
    me: () => (creds.me ? { id: creds.me.id, lid: creds.me.lid } : undefined),
    keep: parts.keep,
    cut: () => ending.cut(),
  })
  const sentBefore = async (key: WAMessageKey) => {
    await ending.settled // what was asked for meanwhile comes first of all
    return parts.sentBefore(channelId, key)
  }
  const socket = baileys.makeWASocket(optionsOf(parts, { keeping, sentBefore, group: (jid) => groups.get(jid) }))
  const ending = openEnding(socket, { isLogin: auth.isPaired, ended: acks.end })
  guardSocket(socket, {
    failed: (error) => ending.isOver || parts.log.warn({ channelId, error: reasonIn(error) }, 'the library stumbled'),
    broken: ending.cut,
  })
  const groups = rememberGroups(socket)
  listen(socket, parts, { acks, keeping, ending })
  return {
    socket,
    acks,
    closed: ending.closed,
    get isOpen() {
      return ending.isOpen
    },
    cut: () => ending.cut(),
  }
}

/** The library tries again to store a key; meanwhile nothing else of the number goes on. */
const TRANSACTIONS = { maxCommitRetries: 10, delayBetweenTriesMs: 250 }
const ANSWER_MS = 20_000

type Asked = { keeping: Keeping; sentBefore: SocketConfig['getMessage']; group(jid: string): Promise<GroupMetadata> }

function optionsOf(
  { baileys, auth, log, channelId, version, ...parts }: ConnectionParts,
  { keeping, sentBefore, group }: Asked,
): Parameters<Baileys['makeWASocket']>[0] {
  return {
    auth: auth.state,
    waWebSocketUrl: parts.socketUrl,
    logger: quietLogger(log, channelId),
    browser: baileys.Browsers.ubuntu('Chrome'),
    markOnlineOnConnect: false, // else the phone shows no notifications any more
    syncFullHistory: false,
    emitOwnEvents: false,
    defaultQueryTimeoutMs: ANSWER_MS,
    transactionOpts: TRANSACTIONS,
    makeSignalRepository: keeping.makeSignalRepository,
    getMessage: sentBefore,
    cachedGroupMetadata: group,
    userDevicesCache: auth.devices,
    shouldIgnoreJid: (jid) => jid === 'status@broadcast',
    ...(version && { version }),
  }
}

function listen(socket: Socket, parts: ConnectionParts, { acks, keeping, ending }: { acks: Acks; keeping: Keeping; ending: Ending }): void {
  const { auth, log, channelId } = parts
  const warn = (words: string) => (error: unknown) => ending.isOver || log.warn({ channelId, error: reasonIn(error) }, words)
  const { creds } = auth.state
  socket.ws.on('frame', ({ tag }: BinaryNode) => tag !== 'iq' && acks.alive()) // pings are answered as well where messages vanish
  socket.ws.on('CB:message', keeping.watch)
  const takeReceipts = async (node: BinaryNode) => {
    const receipts = toReceipts(node, { id: creds.me?.id ?? '', lid: creds.me?.lid })
    if (receipts.length > 0) await parts.told(receipts)
  }
  keepReceipts(socket, takeReceipts, warn('a receipt could not be taken in'))
  const takeRefusal = (attributes: BinaryNode['attrs']) => {
    const refusals = toLateRefusal(attributes)
    if (refusals.length > 0) parts.told(refusals).catch(warn('a refusal could not be taken in'))
  }
  socket.ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => acks.heard(attrs) || takeRefusal(attrs))
  const save = () =>
    auth.save().catch((error: unknown) => {
      warn('an identity could not be saved')(error)
      ending.cut() // what it has told the network of its keys is nowhere
    })
  socket.ev.on('creds.update', () => void save())
  socket.ev.on('connection.update', (update: Partial<ConnectionState>) => {
    if (update.qr && !auth.isPaired) parts.qr(update.qr)
    if (update.connection === 'open') {
      ending.opened()
      parts.opened()
    }
    if (update.connection === 'close') ending.end(codeOf(update.lastDisconnect?.error))
  })
}

/** The library wraps the network's number in an error of its own kind. */
function codeOf(error: unknown): number | undefined {
  const { output } = (error ?? {}) as { output?: { statusCode?: unknown } } // whatever was thrown
  return typeof output?.statusCode === 'number' ? output.statusCode : undefined
}

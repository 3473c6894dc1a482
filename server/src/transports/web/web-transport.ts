import type { Inbox, Incoming, Outgoing, Transport, TransportChannel } from '#core/transport'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import type { Logger } from '#kit/log'
import { openTurns } from '#kit/turns'
import { webCapabilities } from './capabilities.ts'
import { composeMessage } from './compose.ts'
import type { Connection } from './connection.ts'
import { type Baileys, loadBaileys } from './library.ts'
import type { LiveSession } from './live-session.ts'
import { selectWanted } from './owners.store.ts'
import { parseEnvelope } from './parse.ts'
import { toReceipts } from './receipts.wire.ts'
import { NOT_CONNECTED, sendMessage } from './send-message.ts'
import type { Session } from './session.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { openWebVersion } from './web-version.ts'

type Ref = Pick<TransportChannel, 'id' | 'workspaceId'>

/** What the database knows of messages on the wire. */
export type WebBook = {
  /** What we sent under this wire id, ready to be sent again. */
  sent(channel: Ref, wireId: string): Promise<Outgoing | undefined>
}

export type WebOptions = {
  /** The owner's pool. */
  db: Db
  events: Ports['events']
  secretBox: SecretBox
  socketUrl: string
  /** Names this process to the others. */
  node: string
  /** This process may hold sessions. */
  holds: boolean
  book: WebBook
  /** The database's time. */
  now(): Date
}

export type WebTransport = Transport & {
  /** Reads a kept message; throws when it is none. */
  parse(channel: Ref, body: Buffer): Promise<Incoming>
}

/** An open connection, with what is spoken over it. */
type Line = { session: Session; connection: Connection; live: LiveSession; turn: ReturnType<typeof openTurns> }

/** The road over a person's own number, as a linked device of the phone. */
export function createWebTransport(options: WebOptions): WebTransport {
  const { db, book } = options
  const version = openWebVersion(options.socketUrl)
  const lines = new WeakMap<Connection, Line>()
  let sessions: Sessions | undefined

  const secretOf = ({ id }: Ref, wireId: string) => options.secretBox.derive(`message ${id} ${wireId}`)
  const lineOf = ({ id }: Pick<Ref, 'id'>): Line | undefined => {
    const connection = sessions?.get(id)?.connection
    return connection && lines.get(connection)
  }

  const listen = (inbox: Inbox, log: Logger) => (session: Session, connection: Connection, baileys: Baileys) => {
    const { channelId: id, workspaceId } = session.ref
    const channel = { id, workspaceId }
    const live: LiveSession = {
      channel: { ...channel, settings: {} },
      baileys,
      socket: connection.socket,
      secretOf: (wireId) => secretOf(channel, wireId),
    }
    lines.set(connection, { session, connection, live, turn: openTurns(1) })
    const tell = (incoming: Partial<Incoming>) => inbox.take(id, { messages: [], receipts: [], notices: [], ...incoming })
    connection.socket.ws.on('CB:receipt', (node: Parameters<typeof toReceipts>[0]) => {
      const receipts = toReceipts(node, { id: connection.socket.user?.id ?? '', lid: connection.socket.user?.lid })
      if (receipts.length > 0)
        tell({ receipts }).catch((error: Error) => log.warn({ channelId: id, error: error.message }, 'receipts were lost'))
    })
  }

  return {
    kind: 'web',
    capabilities: webCapabilities,
    async send(channel, message, sending) {
      const line = lineOf(channel)
      if (!line) return NOT_CONNECTED
      const mayWrite = () => line.session.lease.isSure && line.session.connection === line.connection
      return sendMessage({ ...line, mayWrite }, message, sending)
    },
    async test({ id, workspaceId }) {
      const wanted = await selectWanted(db, { channelId: id, workspaceId })
      if (wanted?.state === 'open') return { ok: true, facts: { number: wanted.phone } }
      return { ok: false, code: wanted?.reason ?? wanted?.state ?? 'deleted', reason: 'This number is not connected to WhatsApp' }
    },
    async parse(channel, body) {
      const poll = async (wireId: string) => {
        const content = (await book.sent(channel, wireId))?.content
        return content?.type === 'poll' ? { options: content.options, secret: secretOf(channel, wireId) } : undefined
      }
      return parseEnvelope(await loadBaileys(), { poll }, body)
    },
    changed: (channelId) => sessions?.changed(channelId),
    async open(inbox, log) {
      if (!options.holds) return
      sessions = openSessions({
        ...options,
        inbox,
        log,
        version,
        opened: listen(inbox, log),
        async sentBefore(channelId, wireId) {
          const line = lineOf({ id: channelId })
          const outgoing = line && (await book.sent(line.live.channel, wireId))
          const composed = outgoing && (await composeMessage(line.live, outgoing))
          return composed && 'message' in composed ? composed.message : undefined
        },
      })
      sessions.start()
    },
    async close() {
      await sessions?.close()
      await version.close()
    },
  }
}

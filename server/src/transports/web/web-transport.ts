import type { Inbox, Incoming, Outgoing, Transport } from '#core/transport'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import { reasonIn } from '#kit/errors'
import type { Logger } from '#kit/log'
import type { OperatorClient } from '#kit/operator-client'
import { type Calls, openCalls } from './calls.ts'
import { webCapabilities } from './capabilities.ts'
import { composeMessage } from './compose.ts'
import type { Connection } from './connection.ts'
import { type Heard, hearSession } from './hear.ts'
import { loadBaileys } from './library.ts'
import { type ChannelRef, openLines } from './lines.ts'
import { openMediaFetcher } from './media-fetcher.ts'
import { selectWanted } from './owners.store.ts'
import { parseEnvelope } from './parse.ts'
import { notConnected, openRoads, shareRoads } from './roads.ts'
import { NOT_CONNECTED, sendMessage } from './send-message.ts'
import type { Session } from './session.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { methodOf } from './share-road.ts'
import { openTeller, type Teller } from './teller.ts'
import { openWebVersion } from './web-version.ts'

/** What the database knows of messages on the wire. */
export type WebBook = {
  /** What we sent under this wire id, ready to be sent again. */
  sent(channel: ChannelRef, wireId: string): Promise<Outgoing | undefined>
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
  openClient(origin: string): OperatorClient
  /** The database's time. */
  now(): Date
}

export type WebTransport = Transport & {
  /** Reads a kept message; throws when it is none. */
  parse(channel: ChannelRef, body: Buffer): Promise<Incoming>
  /** Another process asks something of a session. */
  called(): void
  answered(callId: string): void
}

/** The road over a person's own number, as a linked device of the phone. */
export function createWebTransport(options: WebOptions): WebTransport {
  const { db, book } = options
  const version = openWebVersion(options.socketUrl)
  const files = openMediaFetcher(options.openClient)
  const tellers = new WeakMap<Session, Teller>()
  const heard = new WeakMap<Connection, Heard>()
  let sessions: Sessions | undefined
  let calls: Calls | undefined
  const lines = openLines({ secretBox: options.secretBox, sessionOf: (id) => sessions?.get(id) })
  const here = openRoads((channel) => lines.of(channel)?.live, book.sent)
  const roads = shareRoads(here, {
    isHere: (channel) => lines.of(channel) !== undefined,
    calls: { ask: async (channel, deed) => calls?.ask(channel, deed) },
  })

  const open = (inbox: Inbox, log: Logger): Sessions =>
    openSessions({
      ...options,
      inbox,
      log,
      version,
      connected(session, connection, baileys) {
        const { live } = lines.begin(session, connection, baileys)
        const teller = tellers.get(session) ?? tellerOf(session, inbox, log)
        tellers.set(session, teller)
        heard.set(connection, hearSession(live, teller))
      },
      opened: (connection) => heard.get(connection)?.sync(),
      async sentBefore(channelId, wireId) {
        const live = lines.of({ id: channelId })?.live
        const outgoing = live && (await book.sent(live.channel, wireId))
        const composed = outgoing && (await composeMessage(live, outgoing))
        return composed && 'message' in composed ? composed.message : undefined
      },
    })

  return {
    kind: 'web',
    capabilities: webCapabilities,
    async send(channel, message, sending) {
      const line = lines.of(channel)
      return line ? sendMessage(line, message, sending) : NOT_CONNECTED
    },
    async test({ id, workspaceId }) {
      const wanted = await selectWanted(db, { channelId: id, workspaceId })
      if (wanted?.state === 'open') return { ok: true, facts: { number: wanted.phone } }
      return { ok: false, code: wanted?.reason ?? wanted?.state ?? 'deleted', reason: 'This number is not connected to WhatsApp' }
    },
    ...roads.people,
    groups: roads.groups,
    newsletters: roads.newsletters,
    async fetchMedia(channel, media, signal) {
      return files.fetch({ baileys: await loadBaileys(), host: await roads.people.mediaHost(channel) }, media, signal)
    },
    async parse(channel, body) {
      const poll = async (wireId: string) => {
        const content = (await book.sent(channel, wireId))?.content
        return content?.type === 'poll' ? { options: content.options, secret: lines.secretOf(channel, wireId) } : undefined
      }
      return parseEnvelope(await loadBaileys(), { poll }, body)
    },
    changed: (channelId) => sessions?.changed(channelId),
    called: () => calls?.called(),
    answered: (callId) => calls?.answered(callId),
    async open(inbox, log) {
      calls = openCalls({
        db,
        held: () => sessions?.held().map(({ ref }) => ref) ?? [],
        async run(channelId, { name, args }) {
          const live = lines.of({ id: channelId })?.live
          const method = methodOf(here, name)
          if (!live || !method) throw notConnected()
          return method(live.channel, ...args)
        },
        failed: (error) => log.warn({ error: reasonIn(error) }, 'a call between processes failed'),
      })
      if (!options.holds) return
      sessions = open(inbox, log)
      sessions.start()
    },
    async close() {
      here.people.close()
      await calls?.close()
      await sessions?.close()
      await files.close()
      await version.close()
    },
  }
}

/** What a session has to tell, over all of its connections. */
function tellerOf({ ref: { channelId: id, epoch } }: Session, inbox: Inbox, log: Logger): Teller {
  return openTeller({
    tell: (incoming) => inbox.take({ id, epoch }, { messages: [], receipts: [], notices: [], ...incoming }),
    log: log.child({ channelId: id }),
  })
}

import type { Inbox, Incoming, Transport } from '#core/transport'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import type { Logger } from '#kit/log'
import type { OperatorClient } from '#kit/operator-client'
import type { Calls } from './calls.ts'
import { webCapabilities } from './capabilities.ts'
import type { Connection } from './connection.ts'
import { type Heard, hearSession } from './hear.ts'
import { loadBaileys } from './library.ts'
import { type ChannelRef, type Lines, openLines } from './lines.ts'
import { openMediaFetcher } from './media-fetcher.ts'
import { selectWanted } from './owners.store.ts'
import { readKept } from './read-kept.ts'
import { openRoads, shareRoads } from './roads.ts'
import { composeAgain, type WebBook } from './send-again.ts'
import { NOT_CONNECTED, sendMessage } from './send-message.ts'
import { serveCalls } from './serve-calls.ts'
import type { Session } from './session-parts.ts'
import { openSessions, type Sessions, type SessionsParts } from './sessions.ts'
import { openTeller, type Teller } from './teller.ts'
import { openWebVersion } from './web-version.ts'

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
  let sessions: Sessions | undefined
  let calls: Calls | undefined
  const lines = openLines({ secretBox: options.secretBox, sessionOf: (id) => sessions?.get(id) })
  const here = openRoads((channel) => lines.of(channel)?.live, book.sent)
  const roads = shareRoads(here, {
    isHere: (channel) => lines.of(channel) !== undefined,
    calls: { ask: async (channel, deed) => calls?.ask(channel, deed) },
  })

  return {
    kind: 'web',
    capabilities: webCapabilities,
    isReady: (channel) => lines.of(channel)?.live.mayWrite() ?? false,
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
    parse: (channel, body) => readKept({ book, lines }, channel, body),
    changed: (channelId) => sessions?.changed(channelId),
    called: () => calls?.called(),
    answered: (callId) => calls?.answered(callId),
    async open(inbox, log) {
      calls = serveCalls({ db, log, lines, roads: here, held: () => sessions?.held() ?? [] })
      if (!options.holds) return
      sessions = holdSessions(options, { inbox, log, version, lines })
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

type Holding = Pick<SessionsParts, 'inbox' | 'log' | 'version'> & { lines: Lines }

function holdSessions(options: WebOptions, { lines, ...holding }: Holding): Sessions {
  const { inbox, log } = holding
  const tellers = new WeakMap<Session, Teller>()
  const heard = new WeakMap<Connection, Heard>()
  return openSessions({
    ...options,
    ...holding,
    connected(session, connection, baileys) {
      const { live } = lines.begin(session, connection, baileys)
      const teller = tellers.get(session) ?? tellerOf(session, inbox, log)
      tellers.set(session, teller)
      heard.set(connection, hearSession(live, teller))
    },
    opened: (connection) => heard.get(connection)?.sync(),
    async sentBefore(channelId, key) {
      const live = lines.of({ id: channelId })?.live
      const sent = live && key.id ? await options.book.sent(live.channel, key.id) : undefined
      return live && sent && composeAgain(live, sent, { key, now: options.now() })
    },
  })
}

/** What a session has to tell, over all of its connections. */
function tellerOf({ ref: { channelId: id, epoch } }: Session, inbox: Inbox, log: Logger): Teller {
  return openTeller({
    tell: (incoming) => inbox.take({ id, epoch }, { messages: [], receipts: [], notices: [], ...incoming }),
    log: log.child({ channelId: id }),
  })
}

import type { Inbox, Incoming, Outgoing, Transport, TransportChannel } from '#core/transport'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import { DomainError } from '#kit/errors'
import type { Logger } from '#kit/log'
import type { OperatorClient } from '#kit/operator-client'
import { openTurns } from '#kit/turns'
import { UNAVAILABLE } from './asked.ts'
import { type Calls, openCalls } from './calls.ts'
import { WEB_CAPABILITIES } from './capabilities.ts'
import { composeMessage } from './compose.ts'
import type { Connection } from './connection.ts'
import { openGroupRoad } from './group-road.ts'
import { hearSession, syncSession } from './hear.ts'
import { type Baileys, loadBaileys } from './library.ts'
import type { LiveSession } from './live-session.ts'
import { openMediaFetcher } from './media-fetcher.ts'
import { openNewsletterRoad } from './newsletter-road.ts'
import { selectWanted } from './owners.store.ts'
import { parseEnvelope } from './parse.ts'
import { openPeopleRoad } from './people-road.ts'
import { NOT_CONNECTED, sendMessage } from './send-message.ts'
import type { Session } from './session.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { methodOf, shareRoad } from './share-road.ts'
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
  openClient(origin: string): OperatorClient
  /** The database's time. */
  now(): Date
}

export type WebTransport = Transport & {
  /** Reads a kept message; throws when it is none. */
  parse(channel: Ref, body: Buffer): Promise<Incoming>
  /** Another process asks something of a session. */
  called(): void
  answered(callId: string): void
}

/** An open connection, with what is spoken over it. */
type Line = { session: Session; connection: Connection; live: LiveSession; turn: ReturnType<typeof openTurns> }

/** The road over a person's own number, as a linked device of the phone. */
export function createWebTransport(options: WebOptions): WebTransport {
  const { db, book } = options
  const version = openWebVersion(options.socketUrl)
  const files = openMediaFetcher(options.openClient)
  const lines = new WeakMap<Connection, Line>()
  let sessions: Sessions | undefined
  let calls: Calls | undefined
  let log: Logger | undefined

  const secretOf = ({ id }: Ref, wireId: string) => options.secretBox.derive(`message ${id} ${wireId}`)
  const lineOf = ({ id }: Pick<Ref, 'id'>): Line | undefined => {
    const connection = sessions?.get(id)?.connection
    return connection && lines.get(connection)
  }
  const liveOf = (channel: Pick<Ref, 'id'>) => lineOf(channel)?.live
  const here = {
    people: openPeopleRoad(liveOf, (channel, wireId) => book.sent(channel, wireId)),
    groups: openGroupRoad(liveOf),
    newsletters: openNewsletterRoad(liveOf),
  }
  const roads = shareRoads(here, (channel) => lineOf(channel) !== undefined, {
    ask: async (channel, deed) => calls?.ask(channel, deed),
  })

  const listen = (inbox: Inbox) => (session: Session, connection: Connection, baileys: Baileys) => {
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
    hearSession(live, tell)
    void syncSession(live)
      .then(tell)
      .catch((error: unknown) => log?.warn({ channelId: id, error: wordsOf(error) }, 'groups and newsletters could not be read'))
  }

  return {
    kind: 'web',
    capabilities: () => WEB_CAPABILITIES,
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
    ...roads.people,
    groups: roads.groups,
    newsletters: roads.newsletters,
    async fetchMedia(channel, media, signal) {
      return files.fetch({ baileys: await loadBaileys(), host: await roads.people.mediaHost(channel) }, media, signal)
    },
    async parse(channel, body) {
      const poll = async (wireId: string) => {
        const content = (await book.sent(channel, wireId))?.content
        return content?.type === 'poll' ? { options: content.options, secret: secretOf(channel, wireId) } : undefined
      }
      return parseEnvelope(await loadBaileys(), { poll }, body)
    },
    changed: (channelId) => sessions?.changed(channelId),
    called: () => calls?.called(),
    answered: (callId) => calls?.answered(callId),
    async open(inbox, given) {
      log = given
      calls = openCalls({
        db,
        held: () => sessions?.held().map(({ ref }) => ref) ?? [],
        async run(channelId, { name, args }) {
          const live = liveOf({ id: channelId })
          const method = methodOf(here, name)
          if (!live || !method) throw new DomainError('unavailable', 'The number is not connected right now')
          return method(live.channel, ...args)
        },
        failed: (error) => given.warn({ error: wordsOf(error) }, 'a call between processes failed'),
      })
      if (!options.holds) return
      sessions = openSessions({
        ...options,
        inbox,
        log: given,
        version,
        opened: listen(inbox),
        async sentBefore(channelId, wireId) {
          const live = liveOf({ id: channelId })
          const outgoing = live && (await book.sent(live.channel, wireId))
          const composed = outgoing && (await composeMessage(live, outgoing))
          return composed && 'message' in composed ? composed.message : undefined
        },
      })
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

type Roads = {
  people: ReturnType<typeof openPeopleRoad>
  groups: ReturnType<typeof openGroupRoad>
  newsletters: ReturnType<typeof openNewsletterRoad>
}

function shareRoads(
  { people: { close: _, ...people }, groups, newsletters }: Roads,
  isHere: (channel: Ref) => boolean,
  calls: Pick<Calls, 'ask'>,
) {
  const refused = { isHere, calls, unanswered: () => UNAVAILABLE }
  const thrown = {
    isHere,
    calls,
    unanswered() {
      throw new DomainError('unavailable', 'The number is not connected right now')
    },
  }
  return {
    people: shareRoad('people', people, thrown),
    groups: shareRoad('groups', groups, refused),
    newsletters: shareRoad('newsletters', newsletters, refused),
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'failed')

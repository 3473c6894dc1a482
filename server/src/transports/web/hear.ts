import type { BaileysEventMap, BinaryNode, ChatUpdate } from 'baileys'
import type { GroupChange, Incoming, RoadGroup } from '#core/transport'
import { openTurns } from '#kit/turns'
import { isGroupJid } from './addresses.ts'
import { toChatMarks } from './chat-marks.wire.ts'
import { lidsIn, toGroupNotice } from './group-notices.wire.ts'
import { fetchGroup, fetchGroups, findPhones, meOf } from './groups.wire.ts'
import { HISTORY_BOUNDS, type Taken, toHistory, toPeople } from './history.wire.ts'
import type { LiveSession } from './live-session.ts'
import { fetchNewsletters } from './newsletter-road.ts'
import type { Piece, Teller } from './teller.ts'

export type Heard = {
  /** Asks for what a connection does not tell by itself: it is open. */
  sync(): void
}

/** How long the network may take to say that all that was missed has been told. */
const MISSED_MS = 10_000
const MISSED_MOST = 1_000
const GROUPS_AT_ONCE = 5

/**
 * Tells all that a connection brings beside messages and receipts, in its order. What was missed waits for the whole groups: who did what is known from
 * the notices alone, and a group that is new to us begins with the whole of it.
 */
export function hearSession(session: LiveSession, teller: Teller): Heard {
  const { socket } = session
  const groups = openGroups(session)
  const taken: Taken = new Map()
  const { promise: caughtUp, resolve: catchUp } = Promise.withResolvers<void>()
  let missed: Piece[] | undefined = []
  const put = (piece: Piece) => {
    if (!missed) return teller.put(piece)
    missed.push(piece)
    if (missed.length >= MISSED_MOST) goOn()
  }
  const goOn = (...more: Piece[]) => {
    for (const piece of [...(missed ?? []), ...more]) teller.put(piece)
    missed = undefined
  }
  socket.ws.on('CB:notification', (node: BinaryNode) => {
    if (isGroupJid(node.attrs.from ?? '')) put(() => groups.hear(node))
  })
  socket.ev.process((events) => {
    const { receivedPendingNotifications, connection } = events['connection.update'] ?? {}
    if (receivedPendingNotifications) catchUp()
    if (HEARD.some((name) => events[name])) put(() => readEvents(session, events, { taken, failed: teller.unread }))
    if (connection === 'close') goOn()
  })
  hearRead(socket, (id) => put(async () => ({ chatMarks: toChatMarks([{ id, unreadCount: 0 }], await findPhones(session, [{ id }])) })))
  return {
    sync() {
      setTimeout(catchUp, MISSED_MS).unref()
      void caughtUp.then(() => goOn(groups.all))
      void fetchNewsletters(session).then((newsletters) => newsletters && teller.put(async () => ({ newsletters })))
    },
  }
}

/** The library adds up what comes close together: messages that came before a chat was read would hide that it was. */
function hearRead({ ev }: LiveSession['socket'], read: (chat: string) => void): void {
  const emit = ev.emit.bind(ev)
  ev.emit = (name, told) => {
    const updates = name === 'chats.update' && Array.isArray(told) ? (told as ChatUpdate[]) : [] // as this event has it
    for (const { id, unreadCount, conditional } of updates) if (id && unreadCount === 0 && !conditional) read(id)
    return emit(name, told)
  }
}

const HEARD = ['messaging-history.set', 'contacts.upsert', 'contacts.update', 'lid-mapping.update', 'chats.update'] as const

type Reading = { taken: Taken; failed(error: unknown): void }

async function readEvents(session: LiveSession, events: Partial<BaileysEventMap>, reading: Reading): Promise<Partial<Incoming>> {
  const me = meOf(session)
  const history = events['messaging-history.set']
  const contacts = [...(history?.contacts ?? []), ...(events['contacts.upsert'] ?? []), ...(events['contacts.update'] ?? [])]
  const pair = events['lid-mapping.update']
  const people = toPeople(contacts, [...(history?.lidPnMappings ?? []), ...(pair ? [pair] : [])], me)
  const chats = history ? await toHistory({ baileys: session.baileys, me }, history, { bounds: HISTORY_BOUNDS, ...reading }) : []
  const updates = events['chats.update'] ?? []
  const told = updates.flatMap(({ id }) => (id ? { id } : []))
  const chatMarks = toChatMarks(updates, await findPhones(session, told))
  return { people, history: chats, chatMarks }
}

/** The groups of a connection: the whole of each is told once, and anew when it is new to us. */
function openGroups(session: LiveSession) {
  const known = new Set<string>()
  const asked = new Map<string, Promise<RoadGroup | undefined>>()
  const turn = openTurns(GROUPS_AT_ONCE)
  let isBegun = false
  const wholeOf = (group: string) => {
    const whole = asked.get(group) ?? turn(() => fetchGroup(session, group)).catch(() => undefined) // one that we were thrown out of is not told
    asked.set(group, whole)
    return whole.finally(() => asked.delete(group))
  }
  return {
    async hear(node: BinaryNode): Promise<Partial<Incoming>> {
      const notice = toGroupNotice(node, await findPhones(session, lidsIn(node)), meOf(session))
      const group = node.attrs.from ?? ''
      if (!notice || (notice.changes.length === 0 && !notice.needsWhole)) return {}
      const whole = notice.needsWhole || (isBegun && !known.has(group)) ? await wholeOf(group) : undefined
      if (!whole) return { groupChanges: notice.changes }
      known.add(group)
      return { groupChanges: [...notice.changes, asIs(whole, notice.changes[0]?.at)] }
    },
    async all(): Promise<Partial<Incoming>> {
      const groups = await fetchGroups(session).finally(() => (isBegun = true))
      for (const { address } of groups) known.add(address)
      return { groupChanges: groups.map((group) => asIs(group)) }
    },
  }
}

const asIs = (group: RoadGroup, at = new Date()): GroupChange => ({ group: group.address, at, deed: { kind: 'known', group } })

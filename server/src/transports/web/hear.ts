import { setTimeout as sleep } from 'node:timers/promises'
import type { BaileysEventMap, BinaryNode } from 'baileys'
import type { Incoming } from '#core/transport'
import { isGroupJid } from './addresses.ts'
import { toChatMarks } from './chat-marks.wire.ts'
import { lidsIn, toGroupNotice } from './group-notices.wire.ts'
import { fetchGroup, findPhones, meOf, toRoadGroup } from './groups.wire.ts'
import { HISTORY_BOUNDS, type Taken, toHistory, toPeople } from './history.wire.ts'
import type { LiveSession } from './live-session.ts'
import { fetchNewsletters } from './newsletter-road.ts'

type Tell = (incoming: Partial<Incoming>) => Promise<void>

/** Tells all that a connection brings beside messages and receipts, in its order. What cannot be told is tried for a while, then let go. */
export function hearSession(session: LiveSession, tell: Tell): void {
  const { socket } = session
  const told = openTeller(tell)
  const known = new Set<string>()
  const taken: Taken = new Map()
  socket.ws.on('CB:notification', (node: BinaryNode) => {
    if (isGroupJid(node.attrs.from ?? '')) told.put(() => hearGroup(session, node, known))
  })
  socket.ev.process((events) => {
    for (const { id, participants } of events['groups.update'] ?? []) if (id && participants) known.add(id) // all of them, as at the beginning
    if (HEARD.some((name) => events[name])) told.put(() => readEvents(session, events, taken))
  })
}

const HEARD = ['messaging-history.set', 'contacts.upsert', 'contacts.update', 'lid-mapping.update', 'chats.update'] as const

async function readEvents(session: LiveSession, events: Partial<BaileysEventMap>, taken: Taken): Promise<Partial<Incoming>> {
  const me = meOf(session)
  const history = events['messaging-history.set']
  const contacts = [...(history?.contacts ?? []), ...(events['contacts.upsert'] ?? []), ...(events['contacts.update'] ?? [])]
  const pair = events['lid-mapping.update']
  const people = toPeople(contacts, [...(history?.lidPnMappings ?? []), ...(pair ? [pair] : [])], me)
  const chats = history ? await toHistory({ baileys: session.baileys, me }, history, { bounds: HISTORY_BOUNDS, taken }) : []
  const updates = events['chats.update'] ?? []
  const told = updates.flatMap(({ id }) => (id ? { id } : []))
  const chatMarks = toChatMarks(updates, await findPhones(session, told))
  return { people, history: chats, chatMarks }
}

/** A group is told whole before anything that happens in it. */
async function hearGroup(session: LiveSession, node: BinaryNode, known: Set<string>): Promise<Partial<Incoming>> {
  const notice = toGroupNotice(node, await findPhones(session, lidsIn(node)), meOf(session))
  const group = node.attrs.from ?? ''
  if (!notice || (notice.changes.length === 0 && !notice.isNew)) return {}
  if (known.has(group) && !notice.isNew) return { groupChanges: notice.changes }
  const whole = await fetchGroup(session, group).catch(() => undefined) // one that we were thrown out of is not told
  if (whole) known.add(group)
  const first = whole ? [{ group, at: notice.changes[0]?.at ?? new Date(), deed: { kind: 'known' as const, group: whole } }] : []
  return { groupChanges: [...first, ...notice.changes] }
}

/** All groups and newsletters, at the moment of opening. Throws when the network does not tell the groups. */
export async function syncSession(session: LiveSession): Promise<Partial<Incoming>> {
  const groups = Object.values(await session.socket.groupFetchAllParticipating()).filter(({ id }) => isGroupJid(id))
  const phones = await findPhones(
    session,
    groups.flatMap(({ participants }) => participants),
  )
  const newsletters = await fetchNewsletters(session)
  const at = new Date()
  const me = meOf(session)
  return {
    groupChanges: groups.map((group) => ({ group: group.id, at, deed: { kind: 'known', group: toRoadGroup(group, phones, me) } })),
    ...(newsletters && { newsletters }),
  }
}

const WAITING_MOST = 10_000
const TOGETHER_MOST = 500
const AGAIN_MS = 1_000
const TRIES_MOST = 60

type Piece = () => Promise<Partial<Incoming>>

/** Tells one thing after the other; what comes while something is told is told together. */
function openTeller(tell: Tell): { put(piece: Piece): void } {
  const waiting: Piece[] = []
  let busy = false
  const work = async () => {
    for (let pieces = waiting.splice(0, TOGETHER_MOST); pieces.length > 0; pieces = waiting.splice(0, TOGETHER_MOST)) {
      const incoming = join(await Promise.all(pieces.map((piece) => piece().catch(() => ({})))))
      if (Object.keys(incoming).length > 0) await persist(() => tell(incoming))
    }
    busy = false
  }
  return {
    put(piece) {
      if (waiting.length >= WAITING_MOST) waiting.shift()
      waiting.push(piece)
      if (busy) return
      busy = true
      void work()
    },
  }
}

function join(pieces: readonly Partial<Incoming>[]): Partial<Incoming> {
  const groupChanges = pieces.flatMap((piece) => piece.groupChanges ?? [])
  const people = pieces.flatMap((piece) => piece.people ?? [])
  const history = pieces.flatMap((piece) => piece.history ?? [])
  const chatMarks = pieces.flatMap((piece) => piece.chatMarks ?? [])
  return {
    ...(groupChanges.length > 0 && { groupChanges }),
    ...(people.length > 0 && { people }),
    ...(history.length > 0 && { history }),
    ...(chatMarks.length > 0 && { chatMarks }),
  }
}

/** While the database is away; nobody says these things again. */
async function persist(tell: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await tell()
    } catch {
      if (tries >= TRIES_MOST) return
      await sleep(AGAIN_MS, undefined, { ref: false })
    }
  }
}

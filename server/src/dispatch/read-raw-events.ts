import type { TransportChannelEntry } from '#core/channels'
import type { Incoming } from '#core/transport'
import { inTransaction } from '#kit/db'
import type { Logger } from '#kit/log'
import { type ApplyParts, applyIncoming } from './apply-incoming.ts'
import { insertReject, lockChannelInbound, markParsed, type RawEvent, unparsed } from './inbound.store.ts'
import { isAboutData, pastRaces, together, type Understood } from './together.ts'

export type ReaderParts = ApplyParts & {
  log: Logger
  /** The road's own reading of a body, by the number it is for; throws a SyntaxError when it is no body of that road. */
  parse(channel: TransportChannelEntry, body: Buffer): Promise<Map<string | undefined, Incoming>>
}

/** What is read under one lock: bodies of a line, or a few with the history of a number. */
const PAGE = { events: 50, bytes: 1_000_000 }

/** Reads a page of one channel's raw events in order; true when there may be more. Everything it does may be done again. */
export async function readRawEvents(parts: ReaderParts, channelId: string): Promise<boolean> {
  let more = false
  await inTransaction(parts.database.engine, { relaxed: true }, async (db) => {
    if (!(await lockChannelInbound(db, channelId))) return
    const events = await unparsed(db, channelId, PAGE)
    more = events.length === PAGE.events || events.reduce((sum, { body }) => sum + body.length, 0) >= PAGE.bytes
    if (events.length === 0) return
    await applyPage(parts, events)
    await markParsed(
      db,
      events.map(({ id }) => id),
      parts.now(),
    )
  })
  return more
}

/** The meaning of a page as one: body by body a busy channel would wait for the settler once a body. A page that fails is taken in pieces. */
async function applyPage(parts: ReaderParts, events: readonly RawEvent[]): Promise<void> {
  try {
    const read: Understood[] = []
    for (const event of events) read.push(...(await understand(parts, event)))
    for (const { channel, incoming } of together(read)) await pastRaces(() => applyIncoming(parts, channel, incoming))
  } catch (error) {
    if (!isAboutData(error)) throw error
    const [only] = events
    if (only && events.length === 1) return refuse(parts, only, error)
    for (const event of events) await applyPage(parts, [event])
  }
}

/** What a body says, by channel. */
async function understand(parts: ReaderParts, event: RawEvent): Promise<Understood[]> {
  const { channels } = parts.ports
  const channel = await channels.get(event.workspaceId, event.channelId)
  if (!channel) return []
  let parsed: Map<string | undefined, Incoming>
  try {
    parsed = await parts.parse(channel, event.body)
  } catch (error) {
    if (!isAboutData(error)) throw error // a database that is away, a library that is not there: it is read later
    await refuse(parts, event, error)
    return []
  }
  const understood: Understood[] = []
  for (const [remoteId, incoming] of parsed) {
    const own = remoteId === undefined || remoteId === channel.channel.remoteId
    understood.push({ channel: own ? channel : ((await channels.byRemoteId(event.workspaceId, remoteId)) ?? channel), incoming })
  }
  return understood
}

function refuse({ database, metrics, log, now }: ReaderParts, event: RawEvent, error: unknown): Promise<void> {
  metrics.inboundRejects.inc()
  log.error({ eventId: event.id, channelId: event.channelId }, 'an inbound body could not be read: it waits in inbound_rejects')
  return insertReject(database.engine, event, error instanceof Error ? error.message : 'unreadable', now())
}

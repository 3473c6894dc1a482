import type { TransportChannelEntry } from '#core/channels'
import { recordOptOuts } from '#core/contacts'
import { receiveMessages } from '#core/messages'
import type { Inbox, Incoming, Receipt } from '#core/transport'
import { createBatcher } from '#kit/batcher'
import type { Ports } from '#kit/context'
import { type Database, inTransaction } from '#kit/db'
import { newId } from '#kit/ids'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import { openHearing } from './hearing.ts'
import { channelsWaiting, insertRaw, insertReject, lockChannelInbound, markParsed, type RawEvent, unparsed } from './inbound.store.ts'
import { tellNotices } from './tell-notices.ts'
import { isAboutData, together, type Understood } from './together.ts'

type ChannelRef = { id: string; workspaceId: string }

/** Everything that arrives comes through here: kept first, understood second. */
export interface Inbound extends Inbox {
  /** Commits a body as it came, then resolves; its meaning follows. */
  raw(channel: ChannelRef, body: Buffer): Promise<void>
  /** Receipts alone need no raw copy: resolves when their effect is committed. */
  receipts(channel: ChannelRef, receipts: readonly Receipt[]): Promise<void>
  start(): void
  stop(): Promise<void>
}

type InboundParts = {
  database: Database
  ports: Ports
  log: Logger
  metrics: Metrics
  now(): Date
  /** The road's own reading of a body, by the number it is for; throws when it is no body of that road. */
  parse(channel: TransportChannelEntry, body: Buffer): Map<string | undefined, Incoming>
}

const RAW_MOST = 200
const PAGE = 50
const PARSERS = 2
const POLL_MS = 1_000
const HEARD_EVERY_MS = 1_000

export function openInbound(parts: InboundParts): Inbound {
  const { database, ports, log, metrics, now } = parts
  const hearing = openHearing(database)
  const waiting = new Set<string>()
  const parsing = new Set<string>()
  const timers: NodeJS.Timeout[] = []
  let running = 0
  let open = false
  let idle: (() => void) | undefined

  const writer = createBatcher<RawEvent, void>({
    write: async (events) => {
      await insertRaw(database.engine, events, now())
      return events.map(() => undefined)
    },
    most: RAW_MOST,
    lanes: 2,
  })

  const apply = async (channel: TransportChannelEntry, incoming: Incoming) => {
    const ref = { id: channel.id, workspaceId: channel.workspaceId }
    if (incoming.messages.length > 0) {
      const stopWords = channel.kind === 'cloud' || channel.settings.persona === 'cloud'
      const { fresh } = await receiveMessages({ database, events: ports.events, stopWords }, ref, incoming.messages)
      metrics.inbound.inc({ kind: 'message' }, fresh)
    }
    if (incoming.receipts.length > 0) await settle(ref, incoming.receipts)
    if (incoming.optOuts?.length) await recordOptOuts(database.db, ports.events, channel.workspaceId, incoming.optOuts)
    if (incoming.notices.length > 0) await tellNotices({ database, events: ports.events }, ref, incoming.notices)
  }

  const settle = async (channel: ChannelRef, receipts: readonly Receipt[]) => {
    for (const { at } of receipts) hearing.hear(channel.id, at)
    await ports.settler.receipts(channel, receipts)
    metrics.inbound.inc({ kind: 'receipt' }, receipts.length)
  }

  /** Reads a page of one channel's raw events in order. Everything it does may be done again. */
  const parseChannel = async (channelId: string): Promise<boolean> => {
    let more = false
    await inTransaction(database.engine, { relaxed: true }, async (db) => {
      if (!(await lockChannelInbound(db, channelId))) return
      const events = await unparsed(db, channelId, PAGE)
      more = events.length === PAGE
      if (events.length === 0) return
      await applyPage(events)
      await markParsed(
        db,
        events.map(({ id }) => id),
        now(),
      )
    })
    return more
  }

  /** The meaning of a page as one: body by body a busy channel would wait for the settler once a body. A page that fails is taken in pieces. */
  const applyPage = async (events: readonly RawEvent[]) => {
    try {
      const read: Understood[] = []
      for (const event of events) read.push(...(await understand(event)))
      for (const { channel, incoming } of together(read)) await apply(channel, incoming)
    } catch (error) {
      if (!isAboutData(error)) throw error
      const [only] = events
      if (only && events.length === 1) return refuse(only, error)
      for (const event of events) await applyPage([event])
    }
  }

  /** What a body says, by channel. */
  const understand = async (event: RawEvent): Promise<Understood[]> => {
    const channel = await ports.channels.get(event.workspaceId, event.channelId)
    if (!channel) return []
    let parsed: Map<string | undefined, Incoming>
    try {
      parsed = parts.parse(channel, event.body)
    } catch (error) {
      await refuse(event, error)
      return []
    }
    const understood: Understood[] = []
    for (const [remoteId, incoming] of parsed) {
      const own = remoteId === undefined || remoteId === channel.channel.remoteId
      understood.push({ channel: own ? channel : ((await ports.channels.byRemoteId(event.workspaceId, remoteId)) ?? channel), incoming })
    }
    return understood
  }

  const refuse = (event: RawEvent, error: unknown) => {
    metrics.inboundRejects.inc()
    log.error({ eventId: event.id, channelId: event.channelId }, 'an inbound body could not be read: it waits in inbound_rejects')
    return insertReject(database.engine, event, error instanceof Error ? error.message : 'unreadable', now())
  }

  const pump = () => {
    while (open && running < PARSERS) {
      const channelId = [...waiting].find((id) => !parsing.has(id)) // whoever comes while it is parsed waits for the next page
      if (channelId === undefined) return
      waiting.delete(channelId)
      parsing.add(channelId)
      running++
      parseChannel(channelId)
        .then((more) => {
          if (more) waiting.add(channelId)
        })
        .catch((error: unknown) => log.error({ error, channelId }, 'inbound events could not be applied and will be tried again'))
        .finally(() => {
          parsing.delete(channelId)
          running--
          pump()
          if (running === 0) idle?.()
        })
    }
  }

  return {
    async raw(channel, body) {
      await writer.add({ id: newId(), workspaceId: channel.workspaceId, channelId: channel.id, body })
      hearing.hear(channel.id, now())
      waiting.add(channel.id)
      pump()
    },
    async receipts(channel, receipts) {
      await settle(channel, receipts)
    },
    async take(channelId, incoming) {
      const channel = await ports.channels.byId(channelId)
      if (!channel) return
      hearing.hear(channelId, now())
      await apply(channel, incoming)
    },
    start() {
      open = true
      const look = async () => {
        for (const channelId of await channelsWaiting(database.engine)) waiting.add(channelId)
        pump()
      }
      const quietly = (work: () => Promise<void>) => () =>
        void work().catch((error: unknown) => log.warn({ error }, 'an inbound look failed and will come again'))
      timers.push(setInterval(quietly(look), POLL_MS).unref(), setInterval(quietly(hearing.flush), HEARD_EVERY_MS).unref())
      quietly(look)()
    },
    async stop() {
      open = false
      for (const timer of timers) clearInterval(timer)
      await writer.drain()
      if (running > 0) await new Promise<void>((done) => (idle = done))
    },
  }
}

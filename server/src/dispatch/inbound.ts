import { isHeld } from '#core/channels'
import type { Inbox, Receipt } from '#core/transport'
import { createBatcher } from '#kit/batcher'
import { DomainError, reasonIn } from '#kit/errors'
import { newId } from '#kit/ids'
import { applyIncoming, applyReceipts, type ChannelRef } from './apply-incoming.ts'
import { openChannelTurns } from './channel-turns.ts'
import { openHearing } from './hearing.ts'
import { channelsWaiting, insertHeldRaw, insertRaw, type RawEvent } from './inbound.store.ts'
import { type ReaderParts, readRawEvents } from './read-raw-events.ts'
import { isAboutData, pastRaces } from './together.ts'
import { NotHeld, whileHeld } from './while-held.ts'

/** Everything that arrives comes through here: kept first, understood second. */
export interface Inbound extends Inbox {
  /** Commits a body as it came, then resolves; its meaning follows. */
  raw(channel: ChannelRef, body: Buffer): Promise<void>
  /** Receipts alone need no raw copy: resolves when their effect is committed. */
  receipts(channel: ChannelRef, receipts: readonly Receipt[]): Promise<void>
  start(): void
  stop(): Promise<void>
}

const RAW_MOST = 200
const READERS = 2
const POLL_MS = 1_000
const HEARD_EVERY_MS = 1_000

export function openInbound(options: Omit<ReaderParts, 'hearing'>): Inbound {
  const { database, ports, log, now } = options
  const hearing = openHearing(database)
  const parts: ReaderParts = { ...options, hearing }
  const timers: NodeJS.Timeout[] = []

  const writer = createBatcher<RawEvent, void>({
    write: async (events) => {
      await insertRaw(database.engine, events, now())
      return events.map(() => undefined)
    },
    most: RAW_MOST,
    lanes: 2,
  })
  const heldWriter = createBatcher<RawEvent & { epoch: number }, boolean>({
    write: async (events) => {
      const kept = await insertHeldRaw(database.engine, events, now())
      return events.map(({ id }) => kept.has(id))
    },
    most: RAW_MOST,
    lanes: 2,
  })
  const turns = openChannelTurns({
    atOnce: READERS,
    read: (channelId) => readRawEvents(parts, channelId),
    failed: (error, channelId) => log.error({ error, channelId }, 'inbound events could not be applied and will be tried again'),
  })
  const look = async () => turns.add(...(await channelsWaiting(database.engine)))
  const quietly = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => log.warn({ error }, 'an inbound look failed and will come again'))

  return {
    async raw(channel, body) {
      await writer.add({ id: newId(), workspaceId: channel.workspaceId, channelId: channel.id, body })
      hearing.hear(channel.id, now())
      turns.add(channel.id)
    },
    async keep(channel, body) {
      const kept = await heldWriter.add({
        id: newId(),
        workspaceId: channel.workspaceId,
        channelId: channel.id,
        epoch: channel.epoch,
        body,
      })
      if (!kept) return false
      hearing.hear(channel.id, now())
      turns.add(channel.id)
      return true
    },
    receipts: (channel, receipts) => applyReceipts(parts, channel, receipts),
    async take({ id, epoch }, incoming) {
      const channel = await ports.channels.byId(id)
      if (!channel) return true // deleted: nobody is to be told
      const held = epoch === undefined ? undefined : { channelId: id, workspaceId: channel.workspaceId, epoch }
      if (held && !(await isHeld(database.engine, held))) return false // receipts are written among those of other channels: no later than here
      hearing.hear(id, now())
      try {
        const within = held ? { ...parts, database: whileHeld(database, held) } : parts
        await pastRaces(() => applyIncoming(within, channel, incoming))
        return true
      } catch (error) {
        if (error instanceof NotHeld) return false
        if (!isAboutData(error)) throw error
        log.error({ error, channelId: id }, 'no row can be made of what a network told')
        throw new DomainError('invalid', reasonIn(error))
      }
    },
    start() {
      turns.open()
      timers.push(setInterval(quietly(look), POLL_MS).unref(), setInterval(quietly(hearing.flush), HEARD_EVERY_MS).unref())
      quietly(look)()
    },
    async stop() {
      const read = turns.close()
      for (const timer of timers) clearInterval(timer)
      await writer.drain()
      await heldWriter.drain()
      await read
    },
  }
}

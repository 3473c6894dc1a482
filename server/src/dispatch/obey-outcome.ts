import { closeChannel, type TransportChannelEntry } from '#core/channels'
import { optOutContact } from '#core/contacts'
import type { Outcome } from '#core/transport'
import type { Ports } from '#kit/context'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import { cutRate } from './pace.store.ts'

type Parts = { database: Database; ports: Pick<Ports, 'events'>; log: Logger; now(): Date }
type Sent = { channel: TransportChannelEntry; contactId: string | null; claimedAt: Date; outcome: Outcome }

/** What an answer says beyond its message: slow down, stop the channel, leave the person alone. */
export async function obeyOutcome({ database, ports, log, now }: Parts, { channel, contactId, claimedAt, outcome }: Sent): Promise<void> {
  if (outcome.kind === 'retry' && outcome.slow === 'channel') {
    const rate = await cutRate(database.engine, channel.id, claimedAt, now())
    if (rate !== undefined) log.info({ channelId: channel.id, rate }, 'the network asks to go slower')
  }
  if (outcome.kind !== 'rejected' && outcome.kind !== 'retry') return
  const { workspaceId } = channel
  if (outcome.effect?.stop)
    await closeChannel(database.db, ports.events, { workspaceId, channelId: channel.id, reason: outcome.effect.stop.reason })
  if (outcome.effect?.optOut && contactId) await optOutContact(database.db, ports.events, workspaceId, contactId)
}

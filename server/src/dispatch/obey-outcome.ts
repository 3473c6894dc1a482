import { guardCampaignsOf } from '#core/campaigns'
import { closeChannel, guardChannel, type TransportChannelEntry } from '#core/channels'
import { optOutContact } from '#core/contacts'
import type { ChannelEffect, Outcome } from '#core/transport'
import type { Context, Ports } from '#kit/context'
import type { Database } from '#kit/db'
import type { Logger } from '#kit/log'
import { withTransaction } from '#kit/operation'
import { outlast } from './outlast.ts'
import { cutRate } from './pace.store.ts'
import { returnCold } from './return-cold.ts'
import type { Started } from './start-messages.ts'

type Parts = {
  database: Database
  ports: Pick<Ports, 'events'>
  log: Logger
  now(): Date
  contextIn(workspaceId: string): Promise<Context>
  reconcileMs: number
}
type Sent = { channel: TransportChannelEntry; started: Pick<Started, 'row' | 'isCold'>; claimedAt: Date; outcome: Outcome }

/** What an answer says beyond its message: slow down, stop the channel, write to nobody new, leave the person alone. */
export const obeyOutcome = (parts: Parts, sent: Sent): Promise<void> => outlast(parts.reconcileMs, () => obey(parts, sent))

/** Each of these is the same when it is done twice. */
async function obey(parts: Parts, { channel, started, claimedAt, outcome }: Sent): Promise<void> {
  const { database, ports, log, now } = parts
  if (outcome.kind === 'retry' && outcome.slow === 'channel') {
    const rate = await cutRate(database.engine, channel.id, claimedAt, now())
    if (rate !== undefined) log.info({ channelId: channel.id, rate }, 'the network asks to go slower')
  }
  if (outcome.kind !== 'rejected' && outcome.kind !== 'retry') return
  const { id: messageId, contactId } = started.row
  if (outcome.kind === 'retry' && outcome.code !== 'not_started' && started.isCold)
    await returnCold(database.engine, { channelId: channel.id, messageId }, now())
  const { workspaceId } = channel
  if (outcome.effect?.cold) await guard(parts, channel, { ...outcome.effect, cold: outcome.effect.cold })
  if (outcome.effect?.stop)
    await closeChannel(database.db, ports.events, { workspaceId, channelId: channel.id, reason: outcome.effect.stop.reason })
  if (outcome.effect?.optOut && contactId) await optOutContact(database.db, ports.events, workspaceId, contactId)
}

/** The network has had enough of new people; the campaigns of a channel that stops altogether wait for it anyway. */
async function guard(parts: Parts, channel: TransportChannelEntry, effect: ChannelEffect & { cold: { reason: string } }): Promise<void> {
  const { reason } = effect.cold
  await withTransaction(await parts.contextIn(channel.workspaceId), async (inside) => {
    inside.transaction?.events.push(...(await guardChannel(inside.db, channel.channel, reason, inside.now())))
    if (!effect.stop) await guardCampaignsOf(inside, channel.id, reason)
  })
  parts.log.warn({ channelId: channel.id, reason }, 'a number writes to nobody new for a while')
}

import type { TransportChannelEntry } from '#core/channels'
import { optOutWords, recordOptOuts } from '#core/contacts'
import { hearGroupChanges } from '#core/groups'
import { type OptOutRules, receiveMessages } from '#core/messages'
import { keepNewsletters } from '#core/newsletters'
import type { Incoming, Receipt } from '#core/transport'
import type { Ports } from '#kit/context'
import type { Database } from '#kit/db'
import type { Metrics } from '#kit/metrics'
import type { Hearing } from './hearing.ts'
import { tellNotices } from './tell-notices.ts'

export type ChannelRef = { id: string; workspaceId: string }

export type ApplyParts = { database: Database; ports: Ports; metrics: Metrics; hearing: Hearing; now(): Date }

/** What a network said takes effect; saying it again changes nothing. */
export async function applyIncoming(parts: ApplyParts, channel: TransportChannelEntry, incoming: Incoming): Promise<void> {
  const { database, ports, metrics } = parts
  const ref = { id: channel.id, workspaceId: channel.workspaceId }
  if (incoming.groupChanges?.length) await hearGroupChanges({ database, events: ports.events }, channel, incoming.groupChanges)
  if (incoming.newsletters?.length) await keepNewsletters(database, ref, incoming.newsletters)
  if (incoming.messages.length > 0) {
    const optOuts = await optOutRules(parts, channel)
    const { fresh } = await receiveMessages(
      { database, events: ports.events, touches: ports.touches, optOuts },
      { ...ref, hasLine: channel.kind === 'web' },
      incoming.messages,
    )
    metrics.inbound.inc({ kind: 'message' }, fresh)
  }
  if (incoming.receipts.length > 0) await applyReceipts(parts, ref, incoming.receipts)
  if (incoming.optOuts?.length) await recordOptOuts(database.db, ports.events, channel.workspaceId, incoming.optOuts)
  if (incoming.notices.length > 0) await tellNotices({ database, events: ports.events }, ref, incoming.notices)
}

async function optOutRules({ ports, now }: ApplyParts, channel: TransportChannelEntry): Promise<OptOutRules> {
  const { settings } = await ports.workspaces.get(channel.workspaceId)
  return {
    words: optOutWords(settings.optOut),
    afterMarketingOnly: channel.kind !== 'cloud' && channel.settings.persona !== 'cloud',
    queueId: channel.queues[0] ?? 0,
    now: now(),
  }
}

/** Resolves when the effect of the receipts is committed. */
export async function applyReceipts({ ports, metrics, hearing }: ApplyParts, channel: ChannelRef, receipts: readonly Receipt[]) {
  for (const { at } of receipts) hearing.hear(channel.id, at)
  await ports.settler.receipts(channel, receipts)
  metrics.inbound.inc({ kind: 'receipt' }, receipts.length)
}

import type { TransportChannelEntry } from '#core/channels'
import { addressesOf, optOutWords, recordOptOuts } from '#core/contacts'
import { hearChatMarks } from '#core/conversations'
import { hearGroupChanges } from '#core/groups'
import { joinPeople, joinThreads, type OptOutRules, receiveMessages } from '#core/messages'
import { keepNewsletters } from '#core/newsletters'
import type { InboundMessage, Incoming, Receipt, Sender } from '#core/transport'
import type { Ports } from '#kit/context'
import type { Database } from '#kit/db'
import type { Metrics } from '#kit/metrics'
import { applyHistory } from './apply-history.ts'
import type { Hearing } from './hearing.ts'
import { tellNotices } from './tell-notices.ts'

export type ChannelRef = { id: string; workspaceId: string }

export type ApplyParts = { database: Database; ports: Ports; metrics: Metrics; hearing: Hearing; now(): Date }

/** What a network said takes effect; saying it again changes nothing. */
export async function applyIncoming(parts: ApplyParts, channel: TransportChannelEntry, incoming: Incoming): Promise<void> {
  const { database, ports, metrics } = parts
  const { events, touches } = ports
  const ref = { id: channel.id, workspaceId: channel.workspaceId }
  if (incoming.groupChanges?.length) await hearGroupChanges({ database, events }, channel, incoming.groupChanges)
  if (incoming.newsletters?.length) await keepNewsletters(database, ref, incoming.newsletters)
  await joinThreads({ database, events }, ref, peopleIn(incoming))
  if (incoming.people?.length) await joinPeople({ database, events }, ref, incoming.people)
  const left = incoming.history?.length ? await applyHistory({ database, events }, ref, incoming.history) : []
  if (incoming.messages.length > 0) {
    const optOuts = await optOutRules(parts, channel)
    const own = { ...ref, hasLine: channel.kind === 'web' }
    const { fresh, echoes } = await receiveMessages({ database, events, touches, optOuts }, own, incoming.messages)
    metrics.inbound.inc({ kind: 'message' }, fresh)
    if (echoes.length > 0) await applyReceipts(parts, ref, echoes.map(asReceipt))
  }
  if (incoming.chatMarks?.length) await hearChatMarks({ database, events }, ref, incoming.chatMarks.map(placed))
  if (incoming.receipts.length > 0) await applyReceipts(parts, ref, incoming.receipts)
  if (incoming.optOuts?.length) await recordOptOuts(database.db, events, channel.workspaceId, incoming.optOuts)
  if (incoming.notices.length > 0) await tellNotices({ database, events }, ref, incoming.notices)
  if (left.length > 0) throw left[0] // only now: all else of it has its effect
}

/** Everybody of whom it tells more than one identity may be two threads until now. */
const peopleIn = ({ messages, people = [], history = [] }: Incoming): Sender[] => [
  ...people,
  ...messages.flatMap(({ from, own }) => [from, own?.to ?? []].flat()),
  ...history.flatMap(({ with: whom, messages }) => ['person' in whom ? whom.person : [], messages.map(({ from }) => from)].flat(2)),
]

const placed = ({ with: whom, marks }: NonNullable<Incoming['chatMarks']>[number]) => ({
  addresses: 'group' in whom ? [whom.group] : addressesOf(whom.person),
  marks,
})

/** What the network shows us of a message that we sent has reached it. */
const asReceipt = ({ wireId, at }: InboundMessage): Receipt => ({ wireId, state: 'sent', at })

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

import type { EventType } from '#core/events'
import type { RaisedEvent } from '#kit/context'
import { newId } from '#kit/ids'
import type { OnUnknown } from './message.ts'
import { afterReceipt, canMove, type Failure, type MessageState, OUTCOME_UNKNOWN, type ReceiptState } from './message-state.ts'
import { subjectsOf } from './subjects-of.ts'

/** A message as a writer sees it: locked, with all that a decision needs. */
export type LockedMessage = {
  workspaceId: string
  id: string
  channelId: string
  conversationId: string
  contactId: string | null
  campaignId: string | null
  lane: number
  state: MessageState
  attempt: number
  wireId: string | null
  code: string | null
  reason: string | null
  advice: string | null
  onUnknown: OnUnknown
  sendAt: Date | null
  expiresAt: Date | null
  callbackUrl: string | null
  door: string | null
  facts: Record<string, unknown> | null
  sendingAt: Date | null
  sentAt: Date | null
  deliveredAt: Date | null
  readAt: Date | null
  playedAt: Date | null
  endedAt: Date | null
}

/** What becomes of the row in the outbox. */
export type Work =
  | { is: 'kept' }
  | { is: 'done' }
  /** Tried again at `dueAt`; `held`: it may hold its followers for two minutes; `parked`: nothing was tried; `inLine`: called before that, when it is its turn among the cold messages of its channel. */
  | { is: 'later'; dueAt: Date; held: boolean; parked: boolean; inLine?: boolean }

/** One message's new values and the facts to tell. */
export type Change = {
  before: LockedMessage
  after: LockedMessage
  work: Work
  events: RaisedEvent[]
  newWireId: boolean
}

export const unchanged = (message: LockedMessage): Change => ({
  before: message,
  after: message,
  work: { is: 'kept' },
  events: [],
  newWireId: false,
})

/** Moves a message by the table; an illegal move is our own mistake and throws. */
export function move(
  change: Change,
  state: Exclude<MessageState, 'scheduled' | 'received'>,
  more: Partial<LockedMessage>,
  facts: Record<string, unknown> = {},
): Change {
  if (!canMove(change.after.state, state) && !(change.after.state === 'failed' && change.after.code === OUTCOME_UNKNOWN)) {
    throw new Error(`a ${change.after.state} message cannot become ${state}`)
  }
  const after = { ...change.after, ...more, state }
  return { ...change, after, events: [...change.events, tell(after, `message.${state}`, facts)] }
}

type Told = {
  workspaceId: string
  id: string
  channelId: string
  conversationId: string
  contactId?: string | null | undefined
  campaignId?: string | null | undefined
  callbackUrl: string | null | undefined
  door: string | null | undefined
}

/** A fact about a message, with its own callback when it has one. */
export function tell(message: Told, type: EventType, facts: Record<string, unknown> = {}): RaisedEvent {
  const { workspaceId, callbackUrl, door } = message
  return {
    id: newId(),
    workspaceId,
    type,
    subjects: subjectsOf(message),
    facts,
    ...(callbackUrl && { callback: { url: callbackUrl, style: door ?? 'canonical' } }),
  }
}

/** A failure ends the message and its work. */
export function fail(change: Change, failure: Failure, at: Date, state: 'failed' | 'expired' | 'skipped' = 'failed'): Change {
  const { code, reason, advice } = failure
  const moved = move(change, state, { code, reason, advice: advice ?? null, endedAt: at }, { code, reason })
  return { ...moved, work: { is: 'done' } }
}

const TIME_OF: Record<ReceiptState, 'sentAt' | 'deliveredAt' | 'readAt' | 'playedAt'> = {
  sent: 'sentAt',
  delivered: 'deliveredAt',
  read: 'readAt',
  played: 'playedAt',
}

export type ReceiptFacts = {
  state: ReceiptState | 'failed'
  at: Date
  wireId: string
  failure?: Failure | undefined
  facts?: Record<string, unknown> | undefined
}

const UNSENT: ReadonlySet<MessageState> = new Set(['scheduled', 'sending'])

/** What a receipt does: it proves acceptance, climbs the table, fills missing times, and is nothing when it comes again. */
export function applyReceipt(change: Change, receipt: ReceiptFacts): Change {
  const before = change.after
  if (before.state === 'cancelled' || before.state === 'received') return change
  const facts = mergeFacts(before.facts, receipt.facts)
  const known = withWireId(facts === before.facts ? change : { ...change, after: { ...before, facts } }, receipt.wireId)
  const next = afterReceipt({ state: before.state, code: before.code ?? undefined }, receipt.state)
  if (next === 'failed') return fail(known, receipt.failure ?? { code: 'failed', reason: 'The network reported a failure' }, receipt.at)
  if (receipt.state === 'failed') return known
  const column = TIME_OF[receipt.state]
  const at = latest(receipt.at, before.sentAt)
  if (next === undefined) return before[column] || before.endedAt ? known : { ...known, after: { ...known.after, [column]: at } }
  const recovered = before.state === 'failed'
  const cleared = recovered ? { code: null, reason: null, advice: null, endedAt: null } : {}
  const moved = move(known, next, { ...cleared, [column]: at, sentAt: before.sentAt ?? at })
  const events = recovered ? [tell(moved.after, 'message.recovered', { state: next }), ...moved.events] : moved.events
  // one that was sent before has no row in the outbox any more
  return { ...moved, events, ...(UNSENT.has(before.state) && { work: { is: 'done' } }) }
}

/** The network's id for it, once. */
export function withWireId(change: Change, wireId: string): Change {
  return change.after.wireId ? change : { ...change, after: { ...change.after, wireId }, newWireId: true }
}

const latest = (a: Date, b: Date | null) => (b && b > a ? b : a)

function mergeFacts(known: LockedMessage['facts'], fresh: Record<string, unknown> | undefined): LockedMessage['facts'] {
  if (!fresh || Object.keys(fresh).every((key) => known && key in known)) return known
  return { ...known, ...fresh }
}

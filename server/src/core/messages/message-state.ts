/** The states of an outgoing message and the one table of moves between them; every writer obeys it, in code and in SQL. */
export const OUTGOING_STATES = [
  'scheduled',
  'sending',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'cancelled',
  'expired',
  'skipped',
] as const
export const MESSAGE_STATES = [...OUTGOING_STATES, 'received'] as const
export type MessageState = (typeof MESSAGE_STATES)[number]

/** The ends that are no success: they have a time of their own, `endedAt`. */
export const ENDED_STATES: ReadonlySet<MessageState> = new Set(['failed', 'cancelled', 'expired', 'skipped'])

/** Receipts only climb; a higher one implies the lower ones. */
export const RECEIPT_STATES = ['sent', 'delivered', 'read', 'played'] as const
export type ReceiptState = (typeof RECEIPT_STATES)[number]

const RECEIPTS_ABOVE: Record<ReceiptState, readonly MessageState[]> = {
  sent: ['delivered', 'read', 'played', 'failed'],
  delivered: ['read', 'played'],
  read: ['played'],
  played: [],
}

/** from -> the states it may become. `received` is the one state of an incoming message. */
export const MOVES: Record<MessageState, readonly MessageState[]> = {
  scheduled: ['sending', 'sent', 'delivered', 'read', 'played', 'failed', 'cancelled', 'expired', 'skipped'],
  sending: ['scheduled', 'sent', 'delivered', 'read', 'played', 'failed', 'expired', 'skipped'],
  ...RECEIPTS_ABOVE,
  failed: [],
  cancelled: [],
  expired: [],
  skipped: [],
  received: [],
}

export const canMove = (from: MessageState, to: MessageState): boolean => MOVES[from].includes(to)

/** Not started yet: cancel and edit win. */
export const isWaiting = (state: MessageState): boolean => state === 'scheduled'

/** The failure that says "nobody knows": the only one that a later receipt may correct. */
export const OUTCOME_UNKNOWN = 'outcome_unknown'

export type Failure = { code: string; reason: string; advice?: string | undefined }

/** What is known of one message, folded from any receipts in any order. */
export type Standing = { state: MessageState; code?: string | undefined }

/** The state after a receipt, or undefined when it changes nothing. A failure after `delivered` is ignored; `outcome_unknown` may be corrected. */
export function afterReceipt(standing: Standing, receipt: ReceiptState | 'failed'): ReceiptState | 'failed' | undefined {
  const corrected = standing.state === 'failed' && standing.code === OUTCOME_UNKNOWN && receipt !== 'failed'
  return corrected || canMove(standing.state, receipt) ? receipt : undefined
}

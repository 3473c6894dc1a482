import type { ShownState } from '#core/messages'

type Words = {
  /** The present generation's word. */
  status: string
  /** The first generation's. */
  older: 'scheduled' | 'queued' | 'sending' | 'delivered' | 'read' | 'failed'
  /** WhatsApp's number of receipts. */
  ack: number
}

/** Our states as both generations say them. */
export const STATES = {
  scheduled: { status: 'pending', older: 'scheduled', ack: 0 },
  queued: { status: 'pending', older: 'queued', ack: 0 },
  sending: { status: 'sending', older: 'sending', ack: 0 },
  sent: { status: 'confirmed', older: 'sending', ack: 1 },
  delivered: { status: 'received', older: 'delivered', ack: 2 },
  read: { status: 'read', older: 'read', ack: 3 },
  played: { status: 'played', older: 'read', ack: 4 },
  failed: { status: 'failed', older: 'failed', ack: -1 },
  expired: { status: 'expired', older: 'failed', ack: -1 },
  skipped: { status: 'failed', older: 'failed', ack: -1 },
  cancelled: { status: 'cancelled', older: 'failed', ack: -1 },
  received: { status: 'received', older: 'delivered', ack: 2 },
} as const satisfies Record<ShownState, Words>

/** A word of either generation in a filter -> our states; a word that we never say finds nothing. */
export const STATES_OF = {
  pending: ['scheduled', 'queued'],
  scheduled: ['scheduled'],
  queued: ['queued'],
  'before-wa-send': [],
  'bt-sent': [],
  sending: ['sending'],
  sent: ['sent'],
  sent_pending_ack: [],
  confirmed: ['sent'],
  delivered: ['delivered'],
  received: ['delivered'],
  read: ['read'],
  played: ['played'],
  cancelled: [],
  error: [],
  failed: ['failed', 'skipped'],
  expired: ['expired'],
} as const satisfies Record<string, readonly ShownState[]>

export const STATUS_WORDS = Object.keys(STATES_OF) as (keyof typeof STATES_OF)[] // the object's own keys

/** All but those that were taken back: a deleted message is gone here. */
export const KEPT_STATES = ['scheduled', 'sending', 'sent', 'delivered', 'read', 'played', 'failed', 'expired', 'skipped'] as const

import type { Content, InboundContent } from '#core/content'
import type { Failure, MessageState } from './message-state.ts'

/** Who goes first when a channel cannot take all at once. */
export const LANES = ['transactional', 'sequence', 'campaign'] as const
export type Lane = (typeof LANES)[number]

/** What to do with a send whose outcome stayed unknown after its window. */
export type OnUnknown = 'retry' | 'fail'
export type OutsideWindow = 'refuse' | 'attempt'
export type LateAction = 'expire' | 'hold'

/** Where a message was made: origin says how, door says by which API. A deed is what we did to a message that was there. */
export type Origin = 'api' | 'direct' | 'inbox' | 'phone' | 'automatic' | 'deed'

type Common = {
  id: string
  number: number
  workspaceId: string
  channelId: string
  conversationId: string
  contactId: string | undefined
  /** The campaign it is part of. */
  campaignId: string | undefined
  /** E.164 for a person, a JID for a group, a BSUID when only that is known. */
  address: string
  wireId: string | undefined
  replyTo: string | undefined
  createdAt: Date
  facts: Readonly<Record<string, unknown>> | undefined
}

export type OutgoingMessage = Common & {
  direction: 'out'
  state: Exclude<MessageState, 'received'>
  /** Of one written on the phone itself, all that can be written there. */
  content: Content | InboundContent
  lane: Lane
  category: string | undefined
  /** undefined: as soon as possible. */
  sendAt: Date | undefined
  expiresAt: Date | undefined
  attempt: number
  callbackUrl: string | undefined
  /** The caller's own word for it, returned as it came. */
  tag: string | undefined
  metadata: Readonly<Record<string, unknown>> | undefined
  door: string | undefined
  origin: Origin
  /** The recurrence that made it. */
  recurrenceId: string | undefined
  failure: Failure | undefined
  sendingAt: Date | undefined
  sentAt: Date | undefined
  deliveredAt: Date | undefined
  readAt: Date | undefined
  playedAt: Date | undefined
  /** When it failed, was cancelled, expired or was skipped. */
  endedAt: Date | undefined
  editedAt: Date | undefined
}

/** Made here, as everything is that can still be changed. */
export type MadeMessage = OutgoingMessage & { content: Content }
export const isMadeHere = (message: Message): message is MadeMessage =>
  message.direction === 'out' && message.origin !== 'phone' && message.origin !== 'deed'

export type IncomingMessage = Common & { direction: 'in'; state: 'received'; content: InboundContent }

export type Message = OutgoingMessage | IncomingMessage

/** When it was taken back for everybody; what it said is kept. */
export function deletedAtOf({ facts }: Message): Date | undefined {
  return typeof facts?.deletedAt === 'string' ? new Date(facts.deletedAt) : undefined
}

/** What a reader sees: `queued` is scheduled and due, computed and never written. */
export type ShownState = MessageState | 'queued'

export const shownState = (message: Message, now: Date): ShownState =>
  message.direction === 'out' && message.state === 'scheduled' && (!message.sendAt || message.sendAt <= now) ? 'queued' : message.state

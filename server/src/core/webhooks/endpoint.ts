import type { CallbackDetails } from '#core/events'

/** Where events are pushed. */
export type Endpoint = {
  id: string
  workspaceId: string
  url: string
  /** Event names, or ['*']. Dialects store our names and translate. */
  events: readonly string[]
  /** The door that made it: its headers and body shape. */
  style: string
  description: string | undefined
  /** Only events of this channel. */
  channelId: string | undefined
  state: 'enabled' | 'disabled'
  disabledReason: string | undefined
  /** Attempts that failed in a row, and since when. */
  failures: number
  failingSince: Date | undefined
  /** Set while it is only probed, because too much failed: when it is tried next. */
  nextProbeAt: Date | undefined
  createdAt: Date
  updatedAt: Date
}

/** A secret is live until `until`; the one without an end signs first. */
export type EndpointSecret = { secret: string; until?: string }

/** One attempt to tell one event, by one of its bodies. */
export type DeliveryAttempt = {
  deliveryId: string
  attempt: number
  endpointId: string | undefined
  url: string
  eventId: string
  eventSeq: number
  eventType: string
  /** The door whose shape it had. */
  style: string
  /** The door's name of the body; undefined: the event could not be put into words. */
  toldAs: string | undefined
  status: number | undefined
  error: string | undefined
  latencyMs: number | undefined
  answer: string | undefined
  succeeded: boolean
  at: Date
}

/** What a delivery that waits in the outbox carries. */
export type DeliveryDetails = Omit<CallbackDetails, 'messageId'> & {
  endpointId?: string | undefined
  messageId?: string | undefined
  /** Which of the event's bodies, by the door's name; undefined: all it has, parted when they are rendered. */
  toldAs?: string | undefined
  /** Attempts made before its present schedule began: a replay starts a new one. */
  before?: number
}

/** Deliveries of one receiver take turns of their own. */
export const endpointReceiver = (endpointId: string): string => `endpoint:${endpointId}`

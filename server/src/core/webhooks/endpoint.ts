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
  createdAt: Date
  updatedAt: Date
}

/** A secret is live until `until`; the one without an end signs first. */
export type EndpointSecret = { secret: string; until?: string }

/** One attempt to tell one event. */
export type DeliveryAttempt = {
  deliveryId: string
  attempt: number
  endpointId: string | undefined
  url: string
  eventId: string
  eventSeq: number
  eventType: string
  status: number | undefined
  error: string | undefined
  latencyMs: number | undefined
  answer: string | undefined
  succeeded: boolean
  at: Date
}

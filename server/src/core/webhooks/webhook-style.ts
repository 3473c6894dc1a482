import type { Event } from '#core/events'
import type { Db } from '#kit/db'
import type { Endpoint, EndpointSecret } from './endpoint.ts'

/** How one door tells events: a dialect gives one, the engine uses it for every endpoint of that style. */
export type WebhookStyle = {
  /** Milliseconds before each retry; its length bounds the attempts. */
  retryAfterMs: readonly number[]
  /** When an endpoint is switched off by itself. */
  disableAfter: { kind: 'failuresInARow'; failures: number } | { kind: 'failingForMs'; ms: number }
  /** Our events, by number -> bodies, content joined in: each is a delivery of its own. An event without a body is not told at this door. */
  render(
    db: Db,
    workspaceId: string,
    events: readonly Event[],
    endpoint: Pick<Endpoint, 'id' | 'events'> | undefined,
  ): Promise<Map<number, readonly Rendered[]>>
  /** Does an endpoint with these event names (its own words) want this event of ours? */
  wants(names: readonly string[], event: Event): boolean
  /** Headers of one attempt, signatures included; computed anew for each attempt. */
  headers(input: SignatureInput): Record<string, string>
}

/** type: the door's name of it, once an event. eventId: its own, the same whenever it is rendered. */
export type Rendered = { eventId: string; type: string; body: string }

export type SignatureInput = { endpointId: string | undefined; eventId: string; body: string; at: Date; secrets: readonly EndpointSecret[] }

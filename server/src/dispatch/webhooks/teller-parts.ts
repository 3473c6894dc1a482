import type { Event } from '#core/events'
import { type EndpointSecret, endpointReceiver, liveSecrets, openSecrets, type Rendered, type WebhookStyle } from '#core/webhooks'
import type { Clock } from '#kit/clock'
import type { SecretBox } from '#kit/crypto'
import type { Database } from '#kit/db'
import type { HttpClient } from '#kit/http-client'
import { newId } from '#kit/ids'
import type { Logger } from '#kit/log'
import type { Metrics } from '#kit/metrics'
import type { Part, Recorded } from './news.ts'
import { type Ending, postEvent, type Telling } from './post-event.ts'
import type { Recorder } from './recorder.ts'
import type { Unspeakable } from './render-events.ts'
import type { EndpointRow } from './teller.store.ts'
import type { Turns } from './turns.ts'

/** What those who tell share. */
export type TellerParts = {
  database: Database
  clock: Clock
  log: Logger
  secretBox: SecretBox
  turns: Turns
  recorder: Recorder<Part, Recorded>
  /** Bounds how many pages are read and rendered at once: the pool belongs to the sends as well. */
  reading<Result>(read: () => Promise<Result>): Promise<Result>
  styleOf(name: string): WebhookStyle
  post(telling: Telling): Promise<Ending>
}

/** An endpoint as its teller knows it. */
export type KnownEndpoint = {
  id: string
  workspaceId: string
  url: string
  events: readonly string[]
  styleName: string
  style: WebhookStyle
  channelId: string | undefined
  secrets: readonly EndpointSecret[]
  updatedAt: Date
}

/** undefined when its secrets cannot be opened: said in the log, and in nobody else's way. */
export function knownEndpoint(
  { secretBox, styleOf, log }: Pick<TellerParts, 'secretBox' | 'styleOf' | 'log'>,
  row: EndpointRow,
): KnownEndpoint | undefined {
  try {
    return toKnown(styleOf(row.style), openSecrets(secretBox, row.secrets), row)
  } catch (error) {
    log.error({ error, endpointId: row.id }, 'the secrets of a webhook cannot be opened: is CHASQUI_SECRET another one?')
    return undefined
  }
}

function toKnown(style: WebhookStyle, secrets: readonly EndpointSecret[], row: EndpointRow): KnownEndpoint {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    url: row.url,
    events: row.events,
    styleName: row.style,
    style,
    channelId: row.channel_id ?? undefined,
    secrets,
    updatedAt: row.updated_at,
  }
}

/** Events about an endpoint itself are for it alone, whatever its filter. */
const OWN_EVENTS: ReadonlySet<string> = new Set(['webhook.test', 'webhook.gap'])

export function isWanted(endpoint: KnownEndpoint, event: Event): boolean {
  if (OWN_EVENTS.has(event.type)) return event.subjects.endpointId === endpoint.id
  if (endpoint.channelId !== undefined && event.subjects.channelId !== endpoint.channelId) return false
  return endpoint.style.wants(endpoint.events, event)
}

/** The first attempt to tell an event to an endpoint by one of its bodies. */
export const firstTelling = (endpoint: KnownEndpoint, event: Event, rendered: Rendered | undefined, probe: boolean): Telling => ({
  deliveryId: newId(),
  workspaceId: endpoint.workspaceId,
  attempt: 1,
  before: 0,
  receiver: endpointReceiver(endpoint.id),
  endpointId: endpoint.id,
  messageId: undefined,
  url: endpoint.url,
  styleName: endpoint.styleName,
  style: endpoint.style,
  secrets: endpoint.secrets,
  event,
  toldAs: rendered?.type,
  rendered,
  probe,
})

/** The ending of an attempt whose event has no words: a failure of ours, tried again by the schedule like any other. */
export const unspoken = ({ error }: Unspeakable, at: Date): Ending => ({
  succeeded: false,
  status: undefined,
  error: `not rendered: ${error.message}`.replaceAll('\0', '').slice(0, 500),
  latencyMs: 0,
  answer: undefined,
  at,
})

/** Posts with the secrets that are live now, and counts. */
export function poster({
  http,
  clock,
  metrics,
}: {
  http: Pick<HttpClient, 'request'>
  clock: Clock
  metrics: Pick<Metrics, 'deliveries'> | undefined
}) {
  return async (telling: Telling): Promise<Ending> => {
    const ending = await postEvent({ http, clock }, { ...telling, secrets: liveSecrets(telling.secrets, clock.now()) })
    metrics?.deliveries.inc({ result: ending.succeeded ? 'succeeded' : 'failed' })
    return ending
  }
}

import type { EndpointSecret, Rendered, WebhookStyle } from '#core/webhooks'
import type { Clock } from '#kit/clock'
import type { HttpClient } from '#kit/http-client'

/** One body of one event for one receiver, ready to be told. */
export type Telling = {
  deliveryId: string
  workspaceId: string
  /** Number of this attempt in its series, from 1. */
  attempt: number
  /** Attempts made before its present schedule began. */
  before: number
  /** Whose turn it takes. */
  receiver: string
  endpointId: string | undefined
  messageId: string | undefined
  url: string
  styleName: string
  style: WebhookStyle
  secrets: readonly EndpointSecret[]
  event: { id: string; seq: number; type: string }
  /** Which of the event's bodies; undefined: all it has, for it could not be put into words yet. */
  toldAs: string | undefined
  /** undefined: it could not be put into words. */
  rendered: Rendered | undefined
  /** The one try of an endpoint whose circuit is open. */
  probe: boolean
}

/** How an attempt ended. */
export type Ending = {
  succeeded: boolean
  status: number | undefined
  error: string | undefined
  latencyMs: number
  answer: string | undefined
  at: Date
}

const TIMEOUT_MS = 10_000
const KEPT_BYTES = 1_024
/** A longer answer costs its connection. */
const READ_BYTES = 16_384

/** Tells it once. Never throws: whatever goes wrong is a failed attempt. */
export async function postEvent({ http, clock }: { http: Pick<HttpClient, 'request'>; clock: Clock }, telling: Telling): Promise<Ending> {
  const at = clock.now()
  const begun = performance.now()
  const ended = (more: Pick<Ending, 'succeeded' | 'status' | 'error' | 'answer'>): Ending => ({
    ...more,
    at,
    latencyMs: Math.round(performance.now() - begun),
  })
  try {
    const { url, rendered } = telling
    if (!rendered) throw new Error('there is nothing to tell')
    const headers = { 'content-type': 'application/json', 'user-agent': 'Chasqui-Webhooks/1', ...headersOf(telling, rendered, at) }
    const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: READ_BYTES, tooLong: 'cut' } as const
    const { status, body } = await http.request({ method: 'POST', url, headers, body: rendered.body, ...bounds })
    const succeeded = status >= 200 && status < 300
    return ended({ succeeded, status, error: succeeded ? undefined : `answered ${status}`, answer: words(body) })
  } catch (error) {
    return ended({ succeeded: false, status: undefined, error: reason(error), answer: undefined })
  }
}

const headersOf = ({ style, endpointId, secrets }: Telling, rendered: Rendered, at: Date) =>
  style.headers({ endpointId, eventId: rendered.eventId, body: rendered.body, at, secrets })

// PostgreSQL's text holds everything but NUL
const words = (body: Uint8Array): string | undefined =>
  body.length === 0
    ? undefined
    : Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, KEPT_BYTES)).toString('utf8').replaceAll('\0', '')

function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message || error.name}${cause}`.replaceAll('\0', '').slice(0, 500)
}

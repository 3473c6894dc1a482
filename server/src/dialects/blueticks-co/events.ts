import type { Event } from '#core/events'
import { liveSecrets, type SignatureInput, type WebhookStyle } from '#core/webhooks'
import { hmacSha256 } from '#kit/crypto'
import { CALLBACK_NAMES, NAMES_OF } from './catalogue.wire.ts'
import { envelope } from './events.wire.ts'
import { showId } from './ids.wire.ts'
import { joinEvents } from './join-events.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How this door tells events: its envelope, its two signatures and that of Standard Webhooks. */
export const webhooks: WebhookStyle = {
  retryAfterMs: [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  disableAfter: { kind: 'failuresInARow', failures: 8 },
  async render(db, workspaceId, events, endpoint) {
    const told = await joinEvents(db, workspaceId, events, endpoint?.events ?? CALLBACK_NAMES)
    return new Map(events.map((event) => [event.seq, (told.get(event.seq) ?? []).map(({ type, data }) => envelope(event, type, data))]))
  },
  wants: (names, event: Event) => (NAMES_OF[event.type] ?? []).some((name) => names.includes(name)),
  headers: signatures,
}

/** All schemes at once: each client knows one and ignores the others. A message's own callback has no secret, so it carries an id alone. */
function signatures({ endpointId, eventId, body, at, secrets }: SignatureInput): Record<string, string> {
  const seconds = String(Math.floor(at.getTime() / 1_000))
  const ids = { 'Blueticks-Webhook-Id': endpointId === undefined ? eventId : showId('wh', endpointId) }
  const live = liveSecrets(secrets, at)
  const [newest] = live.toSorted((a, b) => Number(a.until !== undefined) - Number(b.until !== undefined))
  if (!newest) return ids
  return {
    ...ids,
    'Blueticks-Webhook-Timestamp': seconds,
    'Blueticks-Webhook-Signature': `v1=${hmacSha256(newest.secret, `${seconds}.${body}`).toString('hex')}`,
    'X-Blueticks-Signature': `sha256=${hmacSha256(newest.secret, body).toString('hex')}`,
    'webhook-id': eventId,
    'webhook-timestamp': seconds,
    'webhook-signature': live
      .map(({ secret }) => `v1,${hmacSha256(bytesOf(secret), `${eventId}.${seconds}.${body}`).toString('base64')}`)
      .join(' '),
  }
}

/** Standard Webhooks signs with what the text after the prefix stands for; the product's own schemes with the text itself. */
const bytesOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')

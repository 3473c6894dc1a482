import type { Event } from '#core/events'
import type { EndpointSecret, WebhookStyle } from '#core/webhooks'
import { hmacSha256 } from '#kit/crypto'
import { showId } from './ids.wire.ts'
import { joinEvents } from './join-events.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How this door tells events: Standard Webhooks, signed with every live secret. */
export const webhooks = (): WebhookStyle => style

const style: WebhookStyle = {
  retryAfterMs: [5 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR],
  disableAfter: { kind: 'failingForMs', ms: 24 * HOUR },
  async render(db, workspaceId, events) {
    const shown = await joinEvents(db, workspaceId, events)
    return new Map([...shown].map(([seq, event]) => [seq, [{ eventId: event.id, type: event.type, body: JSON.stringify(event) }]]))
  },
  wants: (names, event) => names.some((name) => isNamed(name, event)),
  headers({ eventId, body, at, secrets }) {
    const id = eventId.startsWith('evt_') ? eventId : showId('evt', eventId)
    const seconds = Math.floor(at.getTime() / 1_000)
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': liveFirst(secrets, at)
        .map((secret) => `v1,${hmacSha256(secret, `${id}.${seconds}.${body}`).toString('base64')}`)
        .join(' '),
    }
  },
}

const isNamed = (name: string, { type }: Event) =>
  name === '*' || name === type || (name.endsWith('.*') && type.startsWith(name.slice(0, -1)))

/** The bytes of the live secrets, the one without an end first. */
function liveFirst(secrets: readonly EndpointSecret[], at: Date): Buffer[] {
  const live = secrets.filter(({ until }) => until === undefined || new Date(until) > at)
  return [...live]
    .sort((a, b) => Number(a.until !== undefined) - Number(b.until !== undefined))
    .map(({ secret }) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
}

import { liveSecrets, type SignatureInput } from '#core/webhooks'
import { hmacSha256 } from '#kit/crypto'
import { showId } from './ids.wire.ts'

/** All schemes at once: each client knows one and ignores the others. A message's own callback has no secret, so it carries an id alone. */
export function signWebhook({ endpointId, eventId, body, at, secrets }: SignatureInput): Record<string, string> {
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

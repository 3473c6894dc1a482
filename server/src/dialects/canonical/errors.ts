import type { SpokenError } from '#kit/door'
import { DomainError, type ErrorCode, type Issue } from '#kit/errors'

type Words = { status: number; title: string }

/** Our codes as this API says them. */
const TABLE = {
  invalid: { status: 422, title: 'The request is not valid' },
  malformed: { status: 400, title: 'The request could not be read' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'This key may not do that' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'The state does not allow it' },
  idempotency_conflict: { status: 409, title: 'The Idempotency-Key was used with another request' },
  in_progress: { status: 409, title: 'The first request is still running' },
  too_large: { status: 413, title: 'Too large' },
  unsupported_media: { status: 415, title: 'Not a type we can take' },
  rate_limited: { status: 429, title: 'Too many requests' },
  plan_limit: { status: 403, title: 'The plan does not allow it' },
  window_closed: { status: 422, title: 'The 24-hour window is closed' },
  unsupported: { status: 422, title: 'This channel cannot do it' },
  no_channel: { status: 422, title: 'No channel to send from' },
  channel_closed: { status: 409, title: 'The channel is not connected' },
  unavailable: { status: 503, title: 'Try again in a moment' },
  internal: { status: 500, title: 'Our fault' },
} as const satisfies Record<ErrorCode, Words>

/** RFC 9457: application/problem+json. */
export function speak(thrown: unknown, requestId: string): SpokenError {
  const error = thrown instanceof DomainError ? thrown : new DomainError('internal', 'Something went wrong on our side')
  const { status, title } = TABLE[error.code]
  return { status, headers: headersOf(error), body: { type: 'about:blank', title, status, ...wordsOf(error), requestId } }
}

/** What a problem says of itself; also the refusal of one item of a bulk. */
export function wordsOf({ code, message, issues, facts }: DomainError) {
  return {
    detail: message,
    code,
    ...(issues.length > 0 && { errors: issues.map(toWireIssue) }),
    ...(code === 'forbidden' && facts.scope !== undefined && { scope: facts.scope }),
    ...(code === 'rate_limited' && { retryAfter: facts.retryAfter }),
  }
}

/** The core names a stored file by its id; here it stands inside `media`. */
const toWireIssue = ({ path, code, message }: Issue) => ({ path: path.replace(/\bmediaId$/, 'media.id'), code, message })

function headersOf({ code }: DomainError): Record<string, string> {
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json; charset=utf-8' }
  if (code === 'unauthenticated') headers['WWW-Authenticate'] = 'Bearer'
  if (code === 'unavailable') headers['Retry-After'] = '1'
  return headers
}

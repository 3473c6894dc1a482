import type { SpokenError } from '#kit/door'
import { DomainError, type ErrorCode, type Issue } from '#kit/errors'
import { scopeWord } from './scopes.ts'

type Word =
  | 'invalid_request'
  | 'authentication_required'
  | 'permission_denied'
  | 'not_found'
  | 'conflict'
  | 'idempotency_key_conflict'
  | 'no_active_session'
  | 'rate_limited'
  | 'internal_error'

/** Our codes as Blueticks says them. */
const TABLE = {
  invalid: { status: 400, code: 'invalid_request' },
  malformed: { status: 400, code: 'invalid_request' },
  unauthenticated: { status: 401, code: 'authentication_required' },
  forbidden: { status: 403, code: 'permission_denied' },
  not_found: { status: 404, code: 'not_found' },
  conflict: { status: 409, code: 'conflict' },
  idempotency_conflict: { status: 409, code: 'idempotency_key_conflict' },
  in_progress: { status: 409, code: 'conflict' },
  too_large: { status: 413, code: 'invalid_request' },
  unsupported_media: { status: 415, code: 'invalid_request' },
  rate_limited: { status: 429, code: 'rate_limited' },
  plan_limit: { status: 403, code: 'permission_denied' },
  window_closed: { status: 422, code: 'invalid_request' },
  unsupported: { status: 422, code: 'invalid_request' },
  no_channel: { status: 409, code: 'no_active_session' },
  channel_closed: { status: 409, code: 'no_active_session' },
  unavailable: { status: 503, code: 'internal_error' },
  internal: { status: 500, code: 'internal_error' },
} as const satisfies Record<ErrorCode, { status: number; code: Word }>

/** Any error in the envelope of this door; both spellings of the request's id. */
export function speak(thrown: unknown, requestId: string): SpokenError {
  const error = thrown instanceof DomainError ? thrown : new DomainError('internal', 'Something went wrong on our side')
  const { status, code } = wordsFor(error)
  const details = error.issues.map(toDetail)
  const body = { code, message: messageOf(error), request_id: requestId, requestId, ...(details.length > 0 && { details }) }
  return { status, headers: headersOf(error), body: { success: false, error: body } }
}

/** A sender that was named and is none of the caller's is another thing than having none. */
function wordsFor({ code, facts }: DomainError): { status: number; code: string } {
  return code === 'no_channel' && facts.from !== undefined ? { status: 422, code: 'from_not_linked' } : TABLE[code]
}

function messageOf({ code, message, facts }: DomainError): string {
  return code === 'forbidden' && typeof facts.scope === 'string' ? `This key lacks the scope ${scopeWord(facts.scope)}` : message
}

/** The names of fields in the core -> as this door's bodies have them. */
const FIELDS: Readonly<Record<string, string>> = {
  'content.text': 'text',
  'content.caption': 'text',
  'content.type': 'type',
  'content.mediaId': 'mediaUrl',
  'content.question': 'pollQuestion',
  'content.options': 'pollOptions',
  'content.filename': 'mediaFilename',
  tag: 'secret',
  base64: 'mediaBase64',
  dataUrl: 'mediaBase64',
  file: 'mediaUrl',
  state: 'status',
  members: 'contacts',
}

/** zod's present words -> the ones the products' clients know. */
const CODES: Readonly<Record<string, string>> = {
  invalid_format: 'invalid_string',
  invalid_value: 'invalid_enum_value',
  invalid_phone: 'invalid_string',
}
const KNOWN = new Set([
  'invalid_type',
  'too_small',
  'too_big',
  'invalid_string',
  'invalid_enum_value',
  'unrecognized_keys',
  'custom',
  'plan_limit',
])

function toDetail({ path, code, message }: Issue): Issue {
  const word = Object.hasOwn(CODES, code) ? CODES[code] : code
  return { path: fieldOf(path), code: word !== undefined && KNOWN.has(word) ? word : 'custom', message }
}

function fieldOf(path: string): string {
  const [whole, known, rest = ''] = /^(content\.[a-zA-Z]+|[a-zA-Z0-9]+)(\..*)?$/.exec(path) ?? []
  return whole !== undefined && known !== undefined && Object.hasOwn(FIELDS, known) ? `${FIELDS[known]}${rest}` : path
}

function headersOf({ code }: DomainError): Record<string, string> {
  if (code === 'unauthenticated') return { 'WWW-Authenticate': 'Bearer' }
  return code === 'unavailable' ? { 'Retry-After': '1' } : {}
}

import type { FastifyError } from 'fastify'
import { isConnectionLoss, sqlState } from '#kit/db'
import { DomainError, type ErrorCode, type Issue } from '#kit/errors'

/** What the HTTP layer itself refuses, by Fastify's code. */
const REFUSED: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media', 'This content type is not understood here'],
  FST_ERR_CTP_EMPTY_TYPE: ['unsupported_media', 'A body needs a content type'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['malformed', 'The body is not as long as its Content-Length says'],
  FST_ERR_BAD_URL: ['malformed', 'The URL is not well formed'],
  FST_ERR_ASYNC_CONSTRAINT: ['malformed', 'The URL is not well formed'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing here'],
  FST_REQ_FILE_TOO_LARGE: ['too_large', 'The file is larger than this route takes'],
  FST_FILES_LIMIT: ['too_large', 'Too many files'],
  FST_PARTS_LIMIT: ['too_large', 'Too many parts'],
  FST_FIELDS_LIMIT: ['too_large', 'Too many fields'],
  FST_INVALID_MULTIPART_CONTENT_TYPE: ['unsupported_media', 'This route takes multipart/form-data'],
  FST_PROTO_VIOLATION: ['malformed', 'A field has a name that is not allowed'],
}

/** What PostgreSQL refuses although it is the caller's words that are wrong: bytes, numbers and times it cannot hold. */
const UNSTORABLE = new Set(['22021', '22P05', '22003', '22007', '22008', '22009'])

/** Whatever was thrown becomes one of ours; `internal` hides what it was. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error
  const { code = '', validation, validationContext, statusCode } = error as Partial<FastifyError>
  if (validation)
    return new DomainError('invalid', firstWords(issuesOf(validation)), {
      issues: issuesOf(validation),
      facts: { part: validationContext },
    })
  const refused = REFUSED[code]
  if (refused) return new DomainError(refused[0], refused[1])
  if (UNSTORABLE.has(sqlState(error) ?? ''))
    return new DomainError('invalid', 'A value cannot be stored: a forbidden character, or a number or time out of range')
  if (sqlState(error) === '55P03') return new DomainError('in_progress', 'The first request with this Idempotency-Key is still running')
  if (isConnectionLoss(error)) return new DomainError('unavailable', 'The database cannot be reached')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new DomainError('malformed', 'The request could not be read')
  return new DomainError('internal', 'Something went wrong on our side')
}

const issuesOf = (validation: NonNullable<FastifyError['validation']>): Issue[] =>
  validation.map(({ instancePath, keyword, message }) => ({
    path: instancePath.split('/').filter(Boolean).map(unescapePointer).join('.'),
    code: keyword,
    message: message ?? 'is not valid',
  }))

const unescapePointer = (segment: string) => segment.replaceAll('~1', '/').replaceAll('~0', '~')

const firstWords = ([issue]: readonly Issue[]) => (issue ? `${issue.path || 'The request'}: ${issue.message}` : 'The request is not valid')

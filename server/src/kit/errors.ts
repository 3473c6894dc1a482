/** Every way a verb can refuse. A dialect maps each one to its own status and words, so the list is closed. */
export const ERROR_CODES = [
  'invalid', // the input's shape or meaning is wrong
  'malformed', // the body could not be parsed at all
  'unauthenticated', // no key, an unknown key or a revoked one
  'forbidden', // the key lacks a scope
  'not_found', // unknown, deleted or somebody else's
  'conflict', // the state does not allow it
  'idempotency_conflict', // the key was used with another request
  'in_progress', // the first request with this key is still running
  'too_large', // a body, file or list over its bound
  'unsupported_media', // a file type that cannot be sent
  'rate_limited', // too many requests; facts.retryAfter in seconds
  'plan_limit', // the plan does not allow it
  'window_closed', // outside the 24-hour window and not a template
  'unsupported', // the channel cannot do it
  'no_channel', // no channel to send from, or several and none named
  'channel_closed', // the channel is not connected and the caller asked to be told
  'unavailable', // we cannot do it now; try again
  'internal', // our fault
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** One thing that is wrong with the input; path is dotted, '' for the whole. */
export type Issue = { path: string; code: string; message: string }

/** The only error a verb throws on purpose. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly issues: readonly Issue[]
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, more: { issues?: readonly Issue[]; facts?: Record<string, unknown> } = {}) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.issues = more.issues ?? []
    this.facts = more.facts ?? {}
  }
}

/** Refusals that say nothing about what was asked: they pass when it is asked again. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['unavailable', 'internal', 'rate_limited'])

export const isPassing = (error: unknown): error is DomainError => error instanceof DomainError && PASSING.has(error.code)

export const notFound = (noun: string): DomainError => new DomainError('not_found', `No such ${noun}`)

/** A field of the input names something that is not there, or is somebody else's. */
export const noSuch = (path: string, noun: string): DomainError =>
  new DomainError('not_found', `No such ${noun}`, { issues: [{ path, code: 'not_found', message: `no such ${noun}` }] })

/** An error about one field. */
export const invalidField = (path: string, message: string, code = 'custom'): DomainError =>
  new DomainError('invalid', message, { issues: [{ path, code, message }] })

/** What an error says, for a log or an answer; whatever was thrown. */
export const reasonIn = (error: unknown): string => (error instanceof Error ? error.message : 'failed')

import { DomainError } from './errors.ts'

/** What the parser of forms threw, as an error of ours: it gives no code when a form is not one. */
export function brokenForm(error: unknown): never {
  const isKnown = error instanceof DomainError || typeof (error as { code?: unknown } | undefined)?.code === 'string'
  throw isKnown ? error : new DomainError('malformed', 'The form could not be read')
}

import { randomToken } from '#kit/crypto'
import type { Refusal } from '../refusals.ts'

/** What goes back over HTTP. */
export type Answer = {
  status: number
  body: string | Buffer
  type?: string
  /** The connection is cut instead. */
  cut?: boolean
  /** Held until the webhooks under way have been posted. */
  afterWebhooks?: boolean
}

/** A refusal in Graph's words. */
export type Problem = {
  code: number
  details: string
  status?: number
  title?: string
  subcode?: number
  userTitle?: string
  userMessage?: string
}

const TITLES: Readonly<Record<number, string>> = {
  100: 'Invalid parameter',
  190: 'Invalid OAuth access token',
  131008: 'Required parameter is missing',
  131009: 'Parameter value is not valid',
  131021: 'Recipient cannot be sender',
  131051: 'Unsupported message type',
  131053: 'Media upload error',
  131062: 'Business-scoped user ids are not supported for this message',
  132000: 'Number of parameters does not match the expected number of params',
  132001: 'Template name does not exist in the translation',
  132005: 'Translated text too long',
  132012: 'Parameter format does not match format in the created template',
  132015: 'Template is paused',
  132016: 'Template is disabled',
  132018: 'There is an issue with the parameters in your template',
}
const STATUSES: Readonly<Record<number, number>> = {
  0: 401,
  1: 400,
  2: 503,
  10: 403,
  190: 401,
  131000: 500,
  131005: 403,
  131016: 503,
  131031: 403,
  132001: 404,
  133004: 503,
}

export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) })
export const success = (): Answer => json({ success: true })

export function refuse(problem: Problem): Answer {
  const { code, details, subcode, userTitle, userMessage } = problem
  const error = {
    message: `(#${code}) ${problem.title ?? TITLES[code] ?? 'Error'}`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
    ...(subcode !== undefined && { error_subcode: subcode, is_transient: false }),
    ...(userTitle !== undefined && { error_user_title: userTitle, error_user_msg: userMessage ?? details }),
    fbtrace_id: `A${randomToken(22)}`,
  }
  return json({ error }, problem.status ?? STATUSES[code] ?? 400)
}

export const refuseFor = ({ code, title, details, http }: Refusal): Answer =>
  refuse({ code, title, details, status: STATUSES[code] ?? http })

/** Graph does not say whether a thing is missing or somebody else's. */
export const noSuchObject = (id: string): Answer =>
  refuse({
    code: 100,
    subcode: 33,
    title: `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
    details: 'The object does not exist or the token may not see it.',
  })

export const missing = (name: string): Problem => ({ code: 131008, details: `Parameter ${name} is required.` })
export const invalid = (details: string): Problem => ({ code: 131009, details })
export const tooLong = (name: string, most: number): Problem => ({
  code: 100,
  details: `Param ${name} must be at most ${most} characters long.`,
})

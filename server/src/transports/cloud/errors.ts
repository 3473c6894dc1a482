import type { Outcome } from '#core/transport'
import { type Fields, fields, number, text } from '#kit/lenient'
import { ERROR_TABLE, type ErrorRule, isPermissionCode, PERMISSION_RULE } from './error-table.ts'

/** An error in Graph's own words, from an answer or from a status webhook. */
export type GraphError = { code: number; subcode?: number; title?: string; details?: string; isTransient?: boolean }

/** Of a send: how often it was tried, this one included, and the HTTP status of the answer. */
export type Circumstances = { attempt: number; status: number }

type Failure = { code: string; reason: string; advice?: string }

const OBJECT_MISSING = 33
const DETAILS_MOST = 500

/** Reads `error` of an answer or one of `errors` of a webhook; undefined when it is no error of Graph's. */
export function toGraphError(value: unknown): GraphError | undefined {
  const error = fields(value)
  const code = number(error.code)
  if (code === undefined) return undefined
  const details = detailsOf(error)
  const subcode = number(error.error_subcode)
  const title = text(error.error_user_title) ?? text(error.title) ?? text(error.message)
  return {
    code,
    ...(subcode !== undefined && { subcode }),
    ...(title !== undefined && { title }),
    ...(details !== undefined && { details }),
    ...(error.is_transient === true && { isTransient: true }),
  }
}

/** `error_data` is an object, or a bare string. */
function detailsOf(error: Fields): string | undefined {
  const words = text(error.error_user_msg) ?? text(fields(error.error_data).details) ?? text(error.error_data) ?? text(error.message)
  return words?.slice(0, DETAILS_MOST)
}

/** What Graph's refusal means for a message. */
export function outcomeOf(error: GraphError, circumstances: Circumstances): Outcome {
  const rule = ruleOf(error)
  const failure = failureOf(error)
  if (!rule) return isPassing(error, circumstances) ? { kind: 'retry', ...failure } : { kind: 'rejected', ...failure }
  const { code, reason } = failure
  switch (rule.does) {
    case 'reject':
      return { kind: 'rejected', ...failure, ...(rule.optOut && { effect: { optOut: rule.optOut } }) }
    case 'stop':
      return { kind: 'retry', code, reason, effect: { stop: { reason: rule.because } } }
    case 'retry': {
      const { attempt } = circumstances
      if (rule.most !== undefined && attempt >= rule.most) return { kind: 'rejected', ...failure }
      return {
        kind: 'retry',
        code,
        reason,
        ...(rule.slow && { slow: rule.slow }),
        ...(rule.afterMs && { afterMs: rule.afterMs(attempt) }),
      }
    }
  }
}

/** The same in words alone: for receipts, which come when nothing can be retried. */
export function failureOf(error: GraphError): Failure {
  const rule = ruleOf(error)
  const code = rule?.code ?? String(error.code)
  if (!rule) return { code, reason: error.details ?? error.title ?? `The network refused it with code ${error.code}` }
  const reason = rule.detailed && error.details !== undefined ? `${rule.reason}: ${error.details}` : rule.reason
  return { code, reason, ...(rule.advice !== undefined && { advice: rule.advice }) }
}

/** What the refusal of one message says about the person, told later by a receipt. */
export const optOutOf = ({ code }: GraphError): 'marketing' | undefined => {
  const rule = ERROR_TABLE.get(code)
  return rule?.does === 'reject' ? rule.optOut : undefined
}

function ruleOf({ code, subcode }: GraphError): ErrorRule | undefined {
  // the object of a send is the phone number: gone, or not this token's
  if (code === 100 && subcode === OBJECT_MISSING) return PERMISSION_RULE
  return ERROR_TABLE.get(code) ?? (isPermissionCode(code) ? PERMISSION_RULE : undefined)
}

const isPassing = ({ isTransient }: GraphError, { status }: Circumstances) => isTransient === true || status >= 500

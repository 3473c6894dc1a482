import type { RoadAnswer, RoadRefusal } from '#core/transport'
import { DomainError, type ErrorCode } from '#kit/errors'

const CODES = {
  not_found: 'not_found',
  not_allowed: 'conflict',
  invalid: 'invalid',
  unavailable: 'unavailable',
} as const satisfies Record<RoadRefusal['code'], ErrorCode>

/** What the road answered, or its refusal as an error. */
export function granted<Value>(answer: RoadAnswer<Value>): Value {
  if (answer.kind === 'ok') return answer.value
  throw new DomainError(CODES[answer.code], answer.reason)
}

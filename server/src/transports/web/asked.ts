import type { RoadAnswer, RoadRefusal, TransportChannel } from '#core/transport'
import type { LiveSession } from './live-session.ts'

export type SessionOf = (channel: Pick<TransportChannel, 'id' | 'workspaceId'>) => LiveSession | undefined

export const UNAVAILABLE: RoadRefusal = { kind: 'refused', code: 'unavailable', reason: 'The number is not connected right now' }

const NOT_ALLOWED: RoadRefusal = { kind: 'refused', code: 'not_allowed', reason: 'WhatsApp does not let this number do that' }
const NOT_FOUND: RoadRefusal = { kind: 'refused', code: 'not_found', reason: 'WhatsApp knows no such thing' }
const INVALID: RoadRefusal = { kind: 'refused', code: 'invalid', reason: 'WhatsApp found a value that it does not take' }

const REFUSALS: Readonly<Record<number, RoadRefusal>> = {
  400: INVALID,
  401: NOT_ALLOWED,
  403: NOT_ALLOWED,
  404: NOT_FOUND,
  405: NOT_ALLOWED,
  406: INVALID,
  409: NOT_ALLOWED,
  410: NOT_FOUND,
  413: INVALID,
}

/** What the network's numbers mean; anything else may pass. */
export const refusalOf = (code: number | undefined): RoadRefusal =>
  REFUSALS[code ?? 0] ?? { kind: 'refused', code: 'unavailable', reason: 'WhatsApp did not answer; try again' }

/** Asks through the session of a channel. Never throws: what the library throws is a refusal. */
export async function ask<Value>(
  session: LiveSession | undefined,
  question: (session: LiveSession) => Promise<RoadAnswer<Value>>,
): Promise<RoadAnswer<Value>> {
  if (!session) return UNAVAILABLE
  try {
    return await question(session)
  } catch (error) {
    return refusalOf(codeOf(error))
  }
}

export const ok = <Value>(value: Value): RoadAnswer<Value> => ({ kind: 'ok', value })

/** The library puts the network's number into its errors, in one of two places. */
function codeOf(error: unknown): number | undefined {
  const { data, output } = (error ?? {}) as { data?: unknown; output?: { statusCode?: unknown } } // whatever was thrown
  if (typeof data === 'number' && Number.isFinite(data)) return data
  return typeof output?.statusCode === 'number' ? output.statusCode : undefined
}

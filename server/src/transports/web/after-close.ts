import type { ClosedReason, DegradedReason } from '#core/transport'

/** Why a connection ended, and what we know of the session then. */
export type Closing = {
  /** WhatsApp's, or the library's own: 408 and 428 are a lost connection. */
  code: number | undefined
  isPaired: boolean
  /** Connections in a row that did not stay open. */
  tries: number
  /** Milliseconds since another client last took this session; undefined: never. */
  replacedBeforeMs: number | undefined
  /** Since linking was asked for. */
  linkingMs: number
  /** A newer version of WhatsApp Web than the one refused is known. */
  hasNewerVersion: boolean
}

export type AfterClose =
  | { next: 'again'; afterMs: number; stand?: { is: 'degraded'; reason: DegradedReason } }
  | { next: 'stop'; reason: ClosedReason; forget: boolean; returnsAfterMs?: number }

const FIRST_MS = 1_000
const LONGEST_MS = 60_000
const TRIES_MOST = 15
const RETURN_MS = 15 * 60_000
const REPLACED_WITHIN_MS = 10 * 60_000
const LINKING_MOST_MS = 5 * 60_000

/** What follows the end of a connection; `random` is 0 to 1. */
export function afterClose(closing: Closing, random: () => number): AfterClose {
  const { code, isPaired, tries } = closing
  switch (code) {
    case 515: // just linked: the network wants a new connection
      return { next: 'again', afterMs: 0 }
    case 401:
      return { next: 'stop', reason: 'logged_out', forget: true }
    case 403:
      return { next: 'stop', reason: 'banned', forget: false }
    case 405:
      return closing.hasNewerVersion ? { next: 'again', afterMs: 0 } : { next: 'stop', reason: 'outdated', forget: false }
    case 411:
      return { next: 'stop', reason: 'outdated', forget: false }
    case 440:
      return closing.replacedBeforeMs !== undefined && closing.replacedBeforeMs < REPLACED_WITHIN_MS
        ? { next: 'stop', reason: 'replaced', forget: false }
        : { next: 'again', afterMs: 5_000, stand: { is: 'degraded', reason: 'network' } }
  }
  if (!isPaired && closing.linkingMs >= LINKING_MOST_MS) return { next: 'stop', reason: 'not_linked', forget: true }
  if (tries >= TRIES_MOST) return { next: 'stop', reason: 'network', forget: false, returnsAfterMs: RETURN_MS }
  return {
    next: 'again',
    afterMs: pauseAfter(tries, random),
    ...(isPaired && { stand: { is: 'degraded', reason: code === 503 ? 'server' : 'network' } }),
  }
}

/** Milliseconds before the next attempt: longer and longer, and never all numbers at once. */
export const pauseAfter = (tries: number, random: () => number): number =>
  Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1)) * (0.5 + random()))

import type { Outcome } from '#core/transport'
import { applyReceipt, type Change, fail, tell, withWireId } from './message-changes.ts'
import { OUTCOME_UNKNOWN } from './message-state.ts'

/** What the engine knows of a send when its transport has answered. */
export type SendResult = {
  attempt: number
  outcome: Outcome
  at: Date
  /** How long to wait for receipts before an unknown outcome is judged. */
  reconcileMs: number
}

/** Tries of one message before a retry becomes a failure. */
export const ATTEMPTS_MOST = 12

const BACK_OFF_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000]

/** Milliseconds before the next try after `attempt` tries, with 20 % jitter either way. */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  const base = BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length) - 1] ?? 1_000
  return Math.round(base * (0.8 + 0.4 * random()))
}

/** What the answer of a transport does to the message it was sent for; an answer to an older attempt only proves what it proves. */
export function applyOutcome(before: Change, result: SendResult): Change {
  const { outcome, at, attempt } = result
  const change = outcome.kind === 'unknown' && outcome.wireId !== undefined ? withWireId(before, outcome.wireId) : before
  const message = change.after
  if (outcome.kind === 'accepted') {
    const accepted = applyReceipt(change, {
      state: 'sent',
      at,
      wireId: outcome.wireId,
      ...(outcome.held && { facts: { heldForQuality: true } }),
    })
    return message.state === 'sending' || message.state === 'scheduled' ? accepted : withWireId(accepted, outcome.wireId)
  }
  if (message.state !== 'sending' || message.attempt !== attempt) return change
  switch (outcome.kind) {
    case 'rejected':
      return fail(change, outcome, at)
    case 'retry':
      return retryLater(change, result, outcome)
    case 'unknown':
      // stays `sending`: a receipt may prove it, else the window's end decides
      return { ...change, work: { is: 'later', dueAt: new Date(at.getTime() + result.reconcileMs), held: true, parked: false } }
  }
}

function retryLater(change: Change, { at, attempt }: SendResult, outcome: Extract<SendResult['outcome'], { kind: 'retry' }>): Change {
  const burnt = outcome.effect?.stop === undefined && outcome.code !== 'not_started'
  if (burnt && attempt >= ATTEMPTS_MOST)
    return fail(change, { code: outcome.code, reason: outcome.reason, advice: 'It was tried many times; send it again later.' }, at)
  const dueAt = new Date(at.getTime() + (outcome.afterMs ?? backOffMs(attempt)))
  const { expiresAt } = change.after
  if (expiresAt && dueAt > expiresAt)
    return fail(change, { code: 'expired', reason: `Its time was over before it could be sent (${outcome.reason})` }, at, 'expired')
  // an attempt that was not started is taken back, so that waiting for a channel burns none
  const after = { ...change.after, state: 'scheduled' as const, attempt: burnt ? attempt : attempt - 1, sendingAt: null }
  return { ...change, after, work: { is: 'later', dueAt, held: burnt, parked: !burnt } }
}

/** The window of an unknown outcome is over: again under the next attempt, or the end. */
export function applyWindowOver(change: Change, at: Date): { change: Change; again: boolean } {
  const { onUnknown, attempt, expiresAt } = change.after
  const mayAgain = onUnknown === 'retry' && attempt < ATTEMPTS_MOST && !(expiresAt && expiresAt < at)
  if (!mayAgain) {
    const failure = {
      code: OUTCOME_UNKNOWN,
      reason: 'The network took the connection but never said whether it took the message',
      advice: 'Ask the recipient, or look at the chat, before you send it again.',
    }
    return { change: fail(change, failure, at), again: false }
  }
  const after = { ...change.after, attempt: attempt + 1, sendingAt: at }
  return {
    change: { ...change, after, events: [...change.events, tell(after, 'message.sending', { attempt: after.attempt, again: true })] },
    again: true,
  }
}

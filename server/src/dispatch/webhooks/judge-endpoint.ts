import type { WebhookStyle } from '#core/webhooks'

/** How an endpoint fares: what its row says. */
export type Health = {
  /** Attempts that failed in a row. */
  failures: number
  failingSince: Date | undefined
  /** Circuit open: nothing is told but one probe at this time. */
  probeAt: Date | undefined
  /** Probes that failed since it opened. */
  probes: number
}

export type Verdict = Health & { disable: 'gone' | 'failures_in_a_row' | 'failing_too_long' | undefined }

export type Tried = { succeeded: boolean; status: number | undefined; at: Date; probe: boolean }

/** Failures in a row that open the circuit. */
const FAILURES_MOST = 20
/** Deliveries waiting for a retry that open the circuit. */
export const WAITING_MOST = 100
/** The receiver says that it will never want another one. */
export const GONE = 410

/** Failures in a row after which nothing more is begun before they have been judged. */
export const failuresMost = ({ disableAfter }: WebhookStyle): number =>
  disableAfter.kind === 'failuresInARow' ? Math.min(FAILURES_MOST, disableAfter.failures) : FAILURES_MOST

/** What attempts do to their endpoint; `waiting`: deliveries that wait for a retry, counted to WAITING_MOST. */
export function judgeEndpoint(
  health: Health,
  tried: readonly Tried[],
  { style, waiting }: { style: WebhookStyle; waiting: number },
): Verdict {
  let verdict: Verdict = { ...health, disable: undefined }
  for (const attempt of tried.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    verdict = attempt.succeeded
      ? { ...verdict, failures: 0, failingSince: undefined, probeAt: undefined, probes: 0 }
      : failed(verdict, attempt, style)
  }
  const trouble = verdict.failures >= FAILURES_MOST || (verdict.failures > 0 && waiting >= WAITING_MOST)
  const last = tried.at(-1)
  if (trouble && !verdict.probeAt && last) return { ...verdict, probes: 0, probeAt: afterDelay(last.at, style, 0) }
  return verdict
}

function failed(verdict: Verdict, { at, status, probe }: Tried, style: WebhookStyle): Verdict {
  const failures = verdict.failures + 1
  const failingSince = verdict.failingSince ?? at
  const probes = probe ? verdict.probes + 1 : verdict.probes
  const probeAt = probe ? afterDelay(at, style, probes) : verdict.probeAt
  return { failures, failingSince, probeAt, probes, disable: verdict.disable ?? disables({ failures, failingSince, at, status }, style) }
}

type Series = { failures: number; failingSince: Date; at: Date; status: number | undefined }

function disables({ failures, failingSince, at, status }: Series, { disableAfter }: WebhookStyle): Verdict['disable'] {
  if (status === GONE) return 'gone'
  if (disableAfter.kind === 'failuresInARow') return failures >= disableAfter.failures ? 'failures_in_a_row' : undefined
  return at.getTime() - failingSince.getTime() >= disableAfter.ms ? 'failing_too_long' : undefined
}

const afterDelay = (at: Date, style: WebhookStyle, step: number) =>
  new Date(at.getTime() + (retryDelay(style, step) ?? retryDelay(style, style.retryAfterMs.length - 1) ?? 60_000))

/** Milliseconds before the retry of that step (0: the first), with 10 % jitter either way; undefined when the schedule is over. */
export function retryDelay({ retryAfterMs }: WebhookStyle, step: number): number | undefined {
  const delay = retryAfterMs[step]
  return delay === undefined ? undefined : Math.round(delay * (0.9 + 0.2 * Math.random()))
}

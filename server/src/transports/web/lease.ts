/** How long what we hold is surely ours, on this process's own clock: no database is needed to know that it is over. */
export interface Lease {
  /** Counted from before the renewal was sent. */
  renewed(since: number): void
  readonly isSure: boolean
}

/** Stops so long before another process may begin. */
const MARGIN_MS = 3_000

export function openLease(leaseMs: number, since: number): Lease {
  let until = since + leaseMs - MARGIN_MS
  return {
    renewed(at) {
      until = at + leaseMs - MARGIN_MS
    },
    get isSure() {
      return performance.now() < until
    },
  }
}

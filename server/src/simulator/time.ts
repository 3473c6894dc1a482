/** The clock and the timers of a simulation: a test hands in its own and moves time itself. */
export interface SimulatedTime {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs once, `ms` from now; the answer takes it back. */
  after(ms: number, run: () => void): () => void
}

/** The machine's clock; its timers never keep a process alive. */
export const systemTime: SimulatedTime = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

export interface ManualTime extends SimulatedTime {
  /** Moves the clock and runs what falls due on the way, in order, what that begins included. */
  advance(ms: number): void
}

/** A clock that stands still until it is moved. */
export function createManualTime(start = Date.UTC(2026, 0, 1)): ManualTime {
  let now = start
  const waiting = new Set<{ due: number; run: () => void }>()
  const next = (until: number) => {
    let first: { due: number; run: () => void } | undefined
    for (const one of waiting) if (one.due <= until && (!first || one.due < first.due)) first = one
    return first
  }
  return {
    now: () => now,
    after(ms, run) {
      const one = { due: now + Math.max(0, ms), run }
      waiting.add(one)
      return () => waiting.delete(one)
    },
    advance(ms) {
      const until = now + ms
      for (let one = next(until); one; one = next(until)) {
        waiting.delete(one)
        now = Math.max(now, one.due)
        one.run()
      }
      now = until
    },
  }
}

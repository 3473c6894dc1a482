const LEAST = 16
const FIRST = 50
const MOST = 200
const QUICK_MS = 300
const SLOW_MS = 2_000

/** How many events of an endpoint are read at once: larger pages for the quick, smaller ones for the slow. */
export class PageSize {
  #size = FIRST
  #turnedAt = performance.now()

  get now(): number {
    return this.#size
  }

  /** Milliseconds since events were last read. */
  get idleMs(): number {
    return performance.now() - this.#turnedAt
  }

  /** Events were read. */
  turn(): void {
    const took = this.idleMs
    this.#turnedAt = performance.now()
    if (took < QUICK_MS) this.#size = Math.min(MOST, this.#size * 2)
    else if (took > SLOW_MS) this.#size = Math.max(LEAST, Math.ceil(this.#size / 2))
  }
}

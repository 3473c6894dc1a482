import type { Answer } from './exchange.ts'

const REASONS_MOST = 6
const WORDS = /"(?:message|detail)":"([^"]{0,90})/

/** Which operations have said yes, and what the others said instead. */
export class Successes {
  readonly #refusals = new Map<string, Map<string, number>>()
  readonly #succeeded = new Set<string>()

  note(operation: string, { status, text }: Answer): void {
    if (status < 300) this.#succeeded.add(operation)
    if (this.#succeeded.has(operation)) return void this.#refusals.delete(operation)
    const words = `${status} ${WORDS.exec(text)?.[1] ?? ''}`
    const refusals = this.#refusals.get(operation) ?? new Map<string, number>()
    this.#refusals.set(operation, refusals.set(words, (refusals.get(words) ?? 0) + 1))
  }

  has = (operation: string): boolean => this.#succeeded.has(operation)

  /** The commonest refusals. */
  reasonsOf(operation: string): string {
    const counts = [...(this.#refusals.get(operation) ?? [])].sort(([, a], [, b]) => b - a)
    return counts
      .slice(0, REASONS_MOST)
      .map(([words, times]) => `${times} x ${words}`)
      .join('; ')
  }
}

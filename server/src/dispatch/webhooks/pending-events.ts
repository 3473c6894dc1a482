import type { Telling } from './post-event.ts'

export type Pending = { telling: Telling; startedAt: number | undefined }

/** Events of one endpoint that were read and are not told yet: they decide how far its cursor may go. */
export class PendingEvents {
  /** The last event read. */
  readTo: number
  readonly #pending = new Map<number, Pending>() // by event number, oldest first

  constructor(cursor: number) {
    this.readTo = cursor
  }

  get size(): number {
    return this.#pending.size
  }

  /** Everything up to here has been told, or waits in the outbox. */
  get cursor(): number {
    const [oldest] = this.#pending.keys()
    return oldest === undefined ? this.readTo : oldest - 1
  }

  isOnTheWire = (): boolean => [...this.#pending.values()].some(({ startedAt }) => startedAt !== undefined)

  add(telling: Telling): Pending {
    const entry: Pending = { telling, startedAt: undefined }
    this.#pending.set(telling.event.seq, entry)
    return entry
  }

  remove(seq: number): void {
    this.#pending.delete(seq)
  }

  /** Takes out what began before `since`. */
  takeStarted(since: number): Telling[] {
    const taken: Telling[] = []
    for (const [seq, { telling, startedAt }] of this.#pending) {
      if (startedAt === undefined || startedAt > since) continue
      taken.push(telling)
      this.#pending.delete(seq)
    }
    return taken
  }
}

import type { Telling } from './post-event.ts'

export type Pending = { telling: Telling; startedAt: number | undefined }

/** What of one endpoint's events was read and is not told yet: it decides how far its cursor may go. */
export class PendingEvents {
  /** The last event read. */
  readTo: number
  readonly #pending = new Map<string, Pending>() // by delivery, the oldest event's first

  constructor(cursor: number) {
    this.readTo = cursor
  }

  get size(): number {
    return this.#pending.size
  }

  /** Everything up to here has been told, or waits in the outbox. */
  get cursor(): number {
    const [oldest] = this.#pending.values()
    return oldest === undefined ? this.readTo : oldest.telling.event.seq - 1
  }

  isOnTheWire = (): boolean => [...this.#pending.values()].some(({ startedAt }) => startedAt !== undefined)

  add(telling: Telling): Pending {
    const entry: Pending = { telling, startedAt: undefined }
    this.#pending.set(telling.deliveryId, entry)
    return entry
  }

  remove(deliveryId: string): void {
    this.#pending.delete(deliveryId)
  }

  /** Takes out what began before `since`. */
  takeStarted(since: number): Telling[] {
    const taken: Telling[] = []
    for (const [deliveryId, { telling, startedAt }] of this.#pending) {
      if (startedAt === undefined || startedAt > since) continue
      taken.push(telling)
      this.#pending.delete(deliveryId)
    }
    return taken
  }
}

import { randomUUID } from 'node:crypto'
import type { Attempt, Part, Progress } from './news.ts'
import type { Ending, Telling } from './post-event.ts'

type Straggler = Part['stragglers'][number]

/** What became of one endpoint's events and is not written yet. */
export class EndpointNews {
  readonly #passed = new Map<string, string>() // stragglers on the wire: delivery -> claim of their row
  #attempts: Attempt[] = []
  #stragglers: Straggler[] = []
  #gap: Progress['gap']

  /** It was tried. */
  tried(telling: Telling, ending: Ending): void {
    this.#attempts.push({ telling, ending, claim: this.#passed.get(telling.deliveryId) })
    this.#passed.delete(telling.deliveryId)
  }

  /** It gets a row of its own in the outbox while it is on the wire, so that the cursor can pass it. */
  passed(telling: Telling): void {
    const claim = randomUUID()
    this.#stragglers.push({ telling, claim })
    this.#passed.set(telling.deliveryId, claim)
  }

  /** It gets a row of its own and is told from there. */
  leftBehind(telling: Telling): void {
    this.#stragglers.push({ telling, claim: randomUUID() })
  }

  /** These events are gone, for their age. */
  missed(from: number, to: number): void {
    this.#gap = { from: this.#gap?.from ?? from, to }
  }

  get hasStragglers(): boolean {
    return this.#stragglers.length > 0
  }

  /** What should be written without waiting for the next tick. */
  get isPressing(): boolean {
    return this.#attempts.length > 0 || this.#gap !== undefined
  }

  take(): { attempts: Attempt[]; stragglers: Straggler[]; gap: Progress['gap'] } {
    const taken = { attempts: this.#attempts, stragglers: this.#stragglers, gap: this.#gap }
    this.#attempts = []
    this.#stragglers = []
    this.#gap = undefined
    return taken
  }
}

/** What is on the wire now; a job that has become slow frees its place among the young. */
export interface OnTheWire<Receiver> {
  begin(receiver: Receiver): Turn<Receiver>
  end(turn: Turn<Receiver>): void
  readonly size: number
  readonly slow: number
}

export type Turn<Receiver> = { readonly receiver: Receiver; readonly since: number; slow: boolean }

/** Jobs of a receiver on the wire, and how many of them are slow. */
type Counts = { running: number; slow: number }

type Options = {
  /** Milliseconds after which a job counts as slow. */
  slowAfterMs: number
  /** Called a few times in `slowAfterMs`, as long as there is a job: places may have become free. */
  aged(): void
}

export function openOnTheWire<Receiver extends Counts>({ slowAfterMs, aged }: Options): OnTheWire<Receiver> {
  const running = new Set<Turn<Receiver>>() // oldest first
  let slow = 0
  let timer: NodeJS.Timeout | undefined

  const age = () => {
    const before = performance.now() - slowAfterMs
    for (const turn of running) {
      if (turn.since > before) break
      if (turn.slow) continue
      turn.slow = true
      turn.receiver.slow++
      slow++
    }
    aged()
  }

  return {
    begin(receiver) {
      const turn: Turn<Receiver> = { receiver, since: performance.now(), slow: false }
      running.add(turn)
      receiver.running++
      timer ??= setInterval(age, slowAfterMs / 4)
      return turn
    },
    end(turn) {
      running.delete(turn)
      turn.receiver.running--
      if (turn.slow) {
        slow--
        turn.receiver.slow--
      }
      if (running.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
    get size() {
      return running.size
    },
    get slow() {
      return slow
    },
  }
}

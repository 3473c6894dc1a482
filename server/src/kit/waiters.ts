/** Doors that wait for something to happen to a thing of ours: a message ends, its file comes, a channel changes. Nothing here is durable, and no connection is held. */
export interface Waiters {
  wait(id: string, atMostMs: number): { done: Promise<void>; cancel(): void }
  /** Runs once for the same name: who asks again before the first has its answer gets that one. */
  join<Result>(name: string, run: () => Promise<Result>): Promise<Result>
  /** It has happened to these, here or on another node. */
  end(ids: readonly string[]): void
  /** Answers everybody now: the house is closing. */
  release(): void
  readonly count: number
}

declare module './context.ts' {
  interface Ports {
    waiters: Waiters
  }
}

export const WAITERS_MOST = 1_000

export function openWaiters(): Waiters {
  const waiting = new Map<string, Set<() => void>>()
  const joined = new Map<string, Promise<unknown>>()
  let count = 0
  let released = false

  return {
    wait(id, atMostMs) {
      // over the bound a door answers at once with what is true now
      if (released || count >= WAITERS_MOST) return { done: Promise.resolve(), cancel: () => undefined }
      count++
      let finish = () => {}
      const done = new Promise<void>((resolve) => {
        const others = waiting.get(id) ?? new Set()
        waiting.set(id, others)
        const timer = setTimeout(() => finish(), atMostMs)
        finish = () => {
          if (!others.delete(finish)) return
          clearTimeout(timer)
          count--
          if (others.size === 0) waiting.delete(id)
          resolve()
        }
        others.add(finish)
      })
      return { done, cancel: () => finish() }
    },
    join<Result>(name: string, run: () => Promise<Result>) {
      const first = joined.get(name) as Promise<Result> | undefined // one name, one verb, one kind of result
      if (first) return first
      const mine = run().finally(() => joined.delete(name))
      joined.set(name, mine)
      return mine
    },
    end(ids) {
      if (count > 0) for (const id of ids) for (const finish of [...(waiting.get(id) ?? [])]) finish()
    },
    release() {
      released = true
      this.end([...waiting.keys()])
    },
    get count() {
      return count
    },
  }
}

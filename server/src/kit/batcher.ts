/** Group commit: whoever asks while a batch is being written goes into the next one. The first after a quiet moment does not wait. */
export interface Batcher<Item, Result> {
  /** Resolves when the item's batch is committed; rejects with the item's own error. */
  add(item: Item): Promise<Result>
  /** Items waiting for a batch. */
  readonly waiting: number
  /** Resolves when everything that was added is written. */
  drain(): Promise<void>
}

type Waiting<Item, Result> = { item: Item; done: (result: Result) => void; failed: (error: unknown) => void }

export type BatcherOptions<Item, Result> = {
  /** Writes a batch, answers one result an item in the same order; an Error as a result rejects that item alone. */
  write(items: Item[]): Promise<(Result | Error)[]>
  /** Items in a batch at most. */
  most: number
  /** Batches written at the same time; 1 keeps the order of the items. */
  lanes: number
  /** Milliseconds from the start of one batch to the start of the next, at least: who comes in between goes together. */
  spacingMs?: number
}

export function createBatcher<Item, Result>({ write, most, lanes, spacingMs = 0 }: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const queue: Waiting<Item, Result>[] = []
  const idle: (() => void)[] = []
  let running = 0
  let armed = false
  let begun = Number.NEGATIVE_INFINITY

  const wake = () => {
    if (armed || running >= lanes || queue.length === 0) return
    armed = true
    const start = () => {
      armed = false
      void run()
    }
    const wait = begun + spacingMs - performance.now()
    if (wait > 0 && queue.length < most) setTimeout(start, wait)
    else setImmediate(start)
  }

  const run = async () => {
    const batch = queue.splice(0, most)
    if (batch.length === 0) return
    running++
    begun = performance.now()
    wake()
    try {
      const results = await write(batch.map(({ item }) => item))
      batch.forEach(({ done, failed }, i) => {
        const result = results[i] as Result | Error
        if (result instanceof Error) failed(result)
        else done(result)
      })
    } catch (error) {
      for (const { failed } of batch) failed(error)
    }
    running--
    wake()
    if (running === 0 && queue.length === 0) for (const tell of idle.splice(0)) tell()
  }

  return {
    add(item) {
      return new Promise((done, failed) => {
        queue.push({ item, done, failed })
        wake()
      })
    },
    get waiting() {
      return queue.length
    },
    drain() {
      return running === 0 && queue.length === 0 ? Promise.resolve() : new Promise((done) => idle.push(done))
    },
  }
}

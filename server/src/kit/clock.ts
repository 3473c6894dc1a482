/** The one clock is the database's; a process carries it on its monotonic clock between two looks. */
export interface Clock {
  /** The database's time, as this process knows it. */
  now(): Date
  /** Looks at the database's clock again; tests call it after they moved that clock. */
  sync(): Promise<void>
  close(): void
}

const LOOK_EVERY_MS = 30_000
/** A busy moment on the way back would move the clock by half of it: then it looks again and believes the quickest answer. */
const LOOKS_MOST = 5
const QUICK_MS = 5

/** Opens a clock that asks `databaseTime` (milliseconds since 1970) now and every 30 s. */
export async function openClock(databaseTime: () => Promise<number>): Promise<Clock> {
  let difference = 0
  const sync = async () => {
    let quickest = Number.POSITIVE_INFINITY
    let found = difference
    for (let looks = 0; looks < LOOKS_MOST && quickest > QUICK_MS; looks++) {
      const before = performance.now()
      const time = await databaseTime()
      const after = performance.now()
      if (after - before >= quickest) continue
      quickest = after - before
      found = time - (before + after) / 2
    }
    difference = found
  }
  await sync()
  const timer = setInterval(() => sync().catch(() => undefined), LOOK_EVERY_MS)
  timer.unref()
  return { now: () => new Date(performance.now() + difference), sync, close: () => clearInterval(timer) }
}

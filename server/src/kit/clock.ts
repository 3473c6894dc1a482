/** The one clock is the database's; a process carries it on its monotonic clock between two looks. */
export interface Clock {
  /** The database's time, as this process knows it. */
  now(): Date
  /** Looks at the database's clock again; tests call it after they moved that clock. */
  sync(): Promise<void>
  close(): void
}

const LOOK_EVERY_MS = 30_000

/** Opens a clock that asks `databaseTime` (milliseconds since 1970) now and every 30 s. */
export async function openClock(databaseTime: () => Promise<number>): Promise<Clock> {
  let difference = 0
  const sync = async () => {
    const before = performance.now()
    const time = await databaseTime()
    difference = time - (before + performance.now()) / 2
  }
  await sync()
  const timer = setInterval(() => sync().catch(() => undefined), LOOK_EVERY_MS)
  timer.unref()
  return { now: () => new Date(performance.now() + difference), sync, close: () => clearInterval(timer) }
}

import type { SimulatedTime } from './time.ts'

/** Many thousand alarms on one timer: those of the same 10 ms share a bucket and go off together, never before their time. */
export interface TimerWheel {
  /** Runs at `due` (milliseconds since 1970); what is due already runs at the next turn, never inside this call. */
  at(due: number, run: () => void): void
  size(): number
  close(): void
}

export function createTimerWheel(time: SimulatedTime, bucketMs = 10): TimerWheel {
  const buckets = new Map<number, (() => void)[]>()
  let count = 0
  let armedFor = Number.POSITIVE_INFINITY
  let disarm = () => {}

  function arm(bucket: number) {
    if (bucket >= armedFor) return
    disarm()
    armedFor = bucket
    disarm = time.after(Math.max(0, bucket * bucketMs - time.now()), turn)
  }
  function turn() {
    armedFor = Number.POSITIVE_INFINITY
    const until = Math.floor(time.now() / bucketMs)
    const ripe = [...buckets.keys()].filter((bucket) => bucket <= until).sort((a, b) => a - b)
    for (const bucket of ripe) {
      const runs = buckets.get(bucket) ?? []
      buckets.delete(bucket)
      count -= runs.length
      for (const run of runs) run()
    }
    if (buckets.size > 0) arm(Math.min(...buckets.keys()))
  }
  return {
    at(due, run) {
      // what is due now goes to the bucket that has begun, so that it runs at the next turn of the event loop
      const bucket = due <= time.now() ? Math.floor(time.now() / bucketMs) : Math.ceil(due / bucketMs)
      const runs = buckets.get(bucket)
      if (runs) runs.push(run)
      else buckets.set(bucket, [run])
      count++
      arm(bucket)
    },
    size: () => count,
    close() {
      disarm()
      buckets.clear()
      count = 0
      armedFor = Number.POSITIVE_INFINITY
    },
  }
}

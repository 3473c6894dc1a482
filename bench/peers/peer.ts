/** A job of a peer: what it posts, and when it may (milliseconds since 1970). */
export type Job = { callbackData: string; dueAt?: number | undefined }

/** Another queue, doing the same POST in its handler. */
export interface Peer {
  add(jobs: readonly Job[]): Promise<void>
  /** Takes jobs from now on. */
  start(handle: (callbackData: string) => Promise<void>): Promise<void>
  /** Jobs that are not yet marked as done. */
  left(): Promise<number>
  close(): Promise<void>
}

export type Database = { host: string; user: string; password: string; database: string }
export type PeerPlace = { database: Database; redis: string }

/** Runs at most `most` at one time. */
export function openLimit(most: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= most) await new Promise<void>((done) => waiting.push(done))
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}

export const IN_FLIGHT = 64

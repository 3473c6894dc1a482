import { setTimeout as sleep } from 'node:timers/promises'

export type Persistence = {
  tries: number
  everyMs: number
  /** It will fail the same way again. */
  unless?(error: unknown): boolean
}

/** Tries again what the database did not take; throws when it has not in the end. */
export async function persist<Result>(work: () => Promise<Result>, { tries, everyMs, unless }: Persistence): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried >= tries || unless?.(error)) throw error
      await sleep(everyMs, undefined, { ref: false })
    }
  }
}

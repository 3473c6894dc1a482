import type { Database } from '#kit/db'
import { markHeard } from './pace.store.ts'

/** How far the networks have told us their side, by channel: as long as old news comes in, more of it may be on its way. */
export interface Hearing {
  /** Something came in that happened at `at`, by the network's clock. */
  hear(channelId: string, at: Date): void
  /** Writes what was heard since the last time; once a second. */
  flush(): Promise<void>
}

/** News of so many flushes count together: what a network brings again comes between fresh news. */
const FLUSHES_KEPT = 5

export function openHearing(database: Database): Hearing {
  let oldest: Map<string, Date>[] = [new Map()] // of each channel in each of the last seconds, the latest second first
  return {
    hear(channelId, at) {
      const known = oldest[0]?.get(channelId)
      if (!known || at < known) oldest[0]?.set(channelId, at)
    },
    async flush() {
      const [fresh] = oldest
      if (!fresh) return
      const told = new Map([...fresh.keys()].map((id) => [id, earliest(oldest.flatMap((second) => second.get(id) ?? []))]))
      oldest = [new Map(), ...oldest.slice(0, FLUSHES_KEPT - 1)]
      if (told.size > 0) await markHeard(database.engine, told)
    },
  }
}

const earliest = (times: readonly Date[]): Date => new Date(Math.min(...times.map((time) => time.getTime())))

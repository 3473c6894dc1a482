import type { Turns } from './turns.ts'

/** How many deliveries of one receiver may wait in memory, by how quickly it answers; the rest stays parked in the database. */
export interface Rooms {
  /** On the wire at once. */
  atOnce(receiver: string): number
  /** The rows that there is room for now, and the others. */
  split<Row extends { receiver: string }>(rows: readonly Row[]): { in: Row[]; out: Row[] }
  /** Its queue is nearly empty: time to fetch what was parked. */
  isNearlyEmpty(receiver: string): boolean
  observe(receiver: string, latencyMs: number): void
}

const AT_ONCE = { endpoint: 16, host: 8 }
const FIRST = 64
const MOST = 200
/** What waits should have its turn within so long. */
const WITHIN_MS = 4_000
const KNOWN_MOST = 10_000

export function openRooms(turns: Pick<Turns, 'waiting'>): Rooms {
  const latencies = new Map<string, number>() // smoothed
  const atOnce = (receiver: string) => (receiver.startsWith('host:') ? AT_ONCE.host : AT_ONCE.endpoint)
  const room = (receiver: string) => {
    const latency = latencies.get(receiver)
    if (latency === undefined) return FIRST
    return Math.min(MOST, Math.max(atOnce(receiver), Math.floor((atOnce(receiver) * WITHIN_MS) / Math.max(1, latency))))
  }
  return {
    atOnce,
    split(rows) {
      const free = new Map<string, number>()
      const sorted = { in: [] as (typeof rows)[number][], out: [] as (typeof rows)[number][] }
      for (const row of rows) {
        const left = free.get(row.receiver) ?? room(row.receiver) - turns.waiting(row.receiver)
        free.set(row.receiver, left - 1)
        if (left > 0) sorted.in.push(row)
        else sorted.out.push(row)
      }
      return sorted
    },
    isNearlyEmpty: (receiver) => turns.waiting(receiver) <= atOnce(receiver) / 2,
    observe(receiver, latencyMs) {
      if (latencies.size >= KNOWN_MOST) latencies.clear()
      const known = latencies.get(receiver) ?? latencyMs
      latencies.set(receiver, known + (latencyMs - known) / 8)
    },
  }
}

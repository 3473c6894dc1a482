import { putBounded } from './bounded-map.ts'

/** What reached the phones, counted by message: the judge of "sent once". */
export interface Ledger {
  /** One more bubble of that message on that phone. */
  add(phone: string, messageKey: string): void
  facts(): { total: number; distinct: number; twice: number; forgotten: number }
  /** The messages that are more than one bubble on a phone, the first 10,000. */
  twice(): { phone: string; messageKey: string; times: number }[]
  /** Every message: '+phone key' and how often it came. */
  entries(): IterableIterator<[string, number]>
  clear(): void
}

const SHOWN_MOST = 10_000

export function createLedger(most: number): Ledger {
  const times = new Map<string, number>()
  const doubled = new Map<string, number>()
  let total = 0
  let forgotten = 0
  const split = (key: string) => ({ phone: key.slice(0, key.indexOf(' ')), messageKey: key.slice(key.indexOf(' ') + 1) })
  return {
    add(phone, messageKey) {
      const key = `${phone} ${messageKey}`
      const before = times.get(key)
      total++
      if (before === undefined) forgotten += putBounded(times, { key, value: 1 }, most)
      else {
        times.set(key, before + 1)
        doubled.set(key, before + 1)
      }
    },
    facts: () => ({ total, distinct: times.size + forgotten, twice: doubled.size, forgotten }),
    twice: () => [...doubled].slice(0, SHOWN_MOST).map(([key, count]) => ({ ...split(key), times: count })),
    entries: () => times.entries(),
    clear() {
      times.clear()
      doubled.clear()
      total = 0
      forgotten = 0
    },
  }
}

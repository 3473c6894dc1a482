/** Values that may be a few seconds old: bounded in number and in age, the one not used for longest goes first. */
export interface Cache<Value> {
  /** undefined when it is not there or too old. */
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  clear(): void
  readonly size: number
}

/** `most` entries, each for `ageMs` milliseconds of this process's monotonic clock. */
export function createCache<Value>({ most, ageMs }: { most: number; ageMs: number }): Cache<Value> {
  const entries = new Map<string, { value: Value; until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      if (entry.until <= performance.now()) return undefined
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, { value, until: performance.now() + ageMs })
      if (entries.size <= most) return
      const [oldest] = entries.keys()
      if (oldest !== undefined) entries.delete(oldest)
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    get size() {
      return entries.size
    },
  }
}

import type { AuthenticationState, PossiblyExtendedCacheStore, SignalDataSet } from 'baileys'
import { createCache } from '#kit/cache'

/** What the library asks of a cache that may forget; values are of its own making. */
export type DeviceCache = PossiblyExtendedCacheStore

type Keys = AuthenticationState['keys']
type Kept = { value: unknown; until: number }

const TYPE = 'devices'
const MOST = 1_000
const AGE_MS = 10 * 60_000
/** The network tells of changes while we listen; what changed while nobody did is asked for after this. */
const KEPT_MS = 6 * 3_600_000

/** Which devices a person has, remembered beside the keys. */
export function openDeviceCache(keys: Keys): DeviceCache {
  const remembered = createCache<unknown>({ most: MOST, ageMs: AGE_MS })
  const read = async (users: string[]): Promise<Record<string, unknown>> => {
    const found: Record<string, unknown> = Object.fromEntries(users.map((user) => [user, remembered.get(user)]))
    const missing = users.filter((user) => found[user] === undefined)
    if (missing.length === 0) return found
    // a type of our own among those of the library
    const rows = (await keys.get(TYPE as 'session', missing)) as unknown as Record<string, Kept>
    for (const [user, { value, until }] of Object.entries(rows)) {
      if (until <= Date.now()) continue
      remembered.set(user, value)
      found[user] = value
    }
    return found
  }
  const write = async (entries: readonly (readonly [user: string, value: unknown])[]) => {
    for (const [user, value] of entries) remembered.set(user, value)
    const until = Date.now() + KEPT_MS
    await keys.set({ [TYPE]: Object.fromEntries(entries.map(([user, value]) => [user, { value, until }])) } as SignalDataSet) // as above
  }
  return {
    get: async <T>(user: string) => (await read([user]))[user] as T, // what was set under it, or nothing
    mget: async <T>(users: string[]) => (await read(users)) as Record<string, T | undefined>,
    set: (user, value) => write([[user, value]]),
    mset: (entries) => write(entries.map(({ key, value }) => [key, value])),
    async del(user) {
      remembered.delete(user)
      await keys.set({ [TYPE]: { [user]: null } } as SignalDataSet) // as above
    },
    flushAll: () => remembered.clear(),
  }
}

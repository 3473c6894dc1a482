import type { Fetch, Lease } from './fetch-files.store.ts'

const AT_ONCE = 6
/** Of one workspace: a number that brings its history keeps nobody waiting. */
const EACH = 2
const SERVED_MOST = 1_000

type Asked = Pick<Lease, 'most' | 'each' | 'except'>

/** Files that are fetched at one time: workspaces take turns, those that were served come last. */
export function openFetchSlots(lease: (asked: Asked) => Promise<Fetch[]>) {
  const running = new Set<Fetch>()
  const served = new Set<string>()

  const busy = () => {
    const byWorkspace = Map.groupBy(running, ({ workspaceId }) => workspaceId)
    return [...byWorkspace].flatMap(([workspaceId, those]) => (those.length >= EACH ? [workspaceId] : []))
  }
  const take = async (except: readonly string[]) => {
    const fetches = await lease({ most: AT_ONCE - running.size, each: 1, except })
    for (const fetch of fetches) {
      running.add(fetch)
      served.add(fetch.workspaceId)
    }
    return fetches
  }
  return {
    /** What is to be begun now; nothing: no slot is free, or nothing waits. */
    async take(): Promise<Fetch[]> {
      if (running.size >= AT_ONCE) return []
      if (served.size >= SERVED_MOST) served.clear()
      const others = await take([...busy(), ...served])
      if (others.length > 0) return others
      served.clear()
      return take(busy())
    },
    ended: (fetch: Fetch) => void running.delete(fetch),
  }
}

import type { Calls } from './calls.ts'

type Channel = { id: string; workspaceId: string }
type Method = (channel: Channel, ...args: unknown[]) => Promise<unknown>

export type Sharing = {
  isHere(channel: Channel): boolean
  calls: Pick<Calls, 'ask'>
  /** Nobody holds the session, or whoever does did not answer: what the method then says. */
  unanswered(): unknown
}

/** The same road, whichever process holds the session: what is not done here is asked of the one that can. */
export function shareRoad<Road extends object>(name: string, road: Road, { isHere, calls, unanswered }: Sharing): Road {
  const shared =
    (method: string, here: Method): Method =>
    async (channel, ...args) => {
      if (isHere(channel)) return here(channel, ...args)
      const told = await calls.ask(channel, { name: `${name}.${method}`, args })
      return told ? told.value : unanswered()
    }
  // every method of a road is given its channel first, and answers a promise
  return Object.fromEntries(Object.entries(road).map(([method, here]) => [method, shared(method, here)])) as Road
}

/** Does what another process asked of a road of this one; undefined: there is no such method. */
export function methodOf(roads: Readonly<Record<string, object>>, name: string): Method | undefined {
  const [road = '', method = ''] = name.split('.')
  const found = Object.hasOwn(roads, road) ? Object.entries(roads[road] ?? {}).find(([key]) => key === method)?.[1] : undefined
  return typeof found === 'function' ? (found as Method) : undefined // as above
}

import type { Read, Wish } from './clients.ts'
import type { Family, Wanted } from './models.ts'

/** What the calls of one client make and meet on their way. */
export type World = {
  /** A server with `/pixel.png` and `/page`. */
  readonly web: string
  /** The linked number. */
  readonly own: string
  /** A person to whom only this client writes, as a number and as a chat. */
  readonly number: string
  readonly chat: string
  /** Somebody else, and the first digits of many more. */
  readonly other: string
  readonly many: string
  /** By what is made: its id. */
  readonly kept: Record<string, string>
}

/** One call of a method: what is asked, and what the answer must be. */
export type Call = {
  /** Its name, where the families have two. */
  method: string | Readonly<Record<Family, string>>
  /** Absent: both have it. */
  only?: Family
  ask(world: World): Wish
  wants: Wanted
  /** What the answer says at least, in camelCase. */
  says?(world: World): object
  /** What of the answer is needed later. */
  keep?(answer: Read): Record<string, unknown>
  /** Afterwards the number has to come back. */
  logsOut?: boolean
  /** Asked again until this comes true. */
  until?(answer: Read): boolean
}

export const get = (path: readonly string[], query: Wish['query'] = {}): Wish => ({ verb: 'GET', path, query })
export const post = (path: readonly string[], body?: object): Wish => ({ verb: 'POST', path, ...(body && { body }) })
export const patch = (path: readonly string[], body: object): Wish => ({ verb: 'PATCH', path, body })
export const remove = (path: readonly string[]): Wish => ({ verb: 'DELETE', path })

/** The id under which something was kept; a missing one shows in the path that is asked. */
export const kept = ({ kept: ids }: World, name: string): string => ids[name] ?? `no-${name}`
export const rowsOf = ({ data }: Read): Read[] => data as Read[] // pages are read as such

import type { Db } from './db.ts'
import type { ErrorCode } from './errors.ts'
import type { Logger } from './log.ts'

/** Who asks. The workspace comes from here and from nowhere else. */
export type Actor = {
  kind: 'key' | 'system'
  /** The key's id; undefined for the house itself. */
  id: string | undefined
  organizationId: string
  workspaceId: string
  environment: 'live' | 'test'
  /** '*' is every scope. */
  scopes: readonly string[]
}

/** What the house hands to the verbs beside the database; each noun that needs one adds its own line (declaration merging). */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the nouns
export interface Ports {}

/** A fact that a verb raised, not yet numbered. */
export type RaisedEvent = {
  id: string
  workspaceId: string
  type: string
  subjects: Readonly<Record<string, string>>
  facts: Readonly<Record<string, unknown>>
  /** The message's own callbackUrl and the door whose shape it gets; kept out of the events table. */
  callback?: { url: string; style: string }
}

/** All that a verb may know of the world. */
export interface Context {
  /** The pool, or the transaction that operation() opened. */
  readonly db: Db
  readonly actor: Actor
  readonly workspaceId: string
  readonly ports: Ports
  /** The database's time. */
  now(): Date
  readonly requestId: string
  readonly log: Logger
  /** Set while a transaction is open. */
  readonly transaction: Transaction | undefined
}

export type Transaction = {
  readonly events: RaisedEvent[]
  /** Runs when the commit is through, in order; a failure here is logged, never answered. */
  readonly afterCommit: (() => void | Promise<void>)[]
}

export type Scope = `${string}:${'read' | 'write'}`

export type Spec = { name: string; does: string; needs: Scope | undefined; mayRefuse?: readonly ErrorCode[] }

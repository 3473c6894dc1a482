import type { SessionRef } from '#core/channels'
import type { Inbox } from '#core/transport'
import type { Ports } from '#kit/context'
import type { SecretBox } from '#kit/crypto'
import type { Db } from '#kit/db'
import type { Logger } from '#kit/log'
import type { KeyCache } from './auth-state.ts'
import type { Connection, ConnectionParts } from './connection.ts'
import type { Lease } from './lease.ts'
import type { Baileys } from './library.ts'
import type { Standing } from './owners.store.ts'
import type { WebVersion } from './web-version.ts'

/** What a session is made of. */
export type SessionParts = {
  db: Db
  events: Ports['events']
  secretBox: SecretBox
  keyCache: KeyCache
  inbox: Inbox
  log: Logger
  socketUrl: string
  version: WebVersion
  /** The database's time. */
  now(): Date
  session: SessionRef
  lease: Lease
  sentBefore: ConnectionParts['sentBefore']
  /** A connection begins: what it brings is heard from now on, also what waited for it. */
  connected(connection: Connection, baileys: Baileys): void
  /** It is open. */
  opened(connection: Connection): void
}

/** One number, held by this process. */
export interface Session {
  readonly ref: SessionRef
  readonly lease: Lease
  /** The connection, while it is open. */
  readonly connection: Connection | undefined
  /** Resolves when nothing of it runs any more. */
  readonly over: Promise<void>
  /** How its channel stands; it may be told as often as one likes. */
  heard(standing: Standing): void
  /** Ends the connection hard, and with it the session; the keys stay. */
  stop(): void
  /** The connection is open and nobody answers: begins a new one. */
  renewConnection(): void
}

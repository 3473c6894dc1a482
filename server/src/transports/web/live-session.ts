import type { TransportChannel } from '#core/transport'
import type { Acks } from './acks.ts'
import type { Baileys, Socket } from './library.ts'

/** A linked number whose connection is open in this process. */
export type LiveSession = {
  channel: Pick<TransportChannel, 'id' | 'workspaceId' | 'settings'>
  baileys: Baileys
  socket: Socket
  acks: Acks
  /** Still the session's connection, and surely ours. */
  mayWrite(): boolean
  /** 32 bytes for the message sent under this id, the same after every restart: votes on a poll are read with them. */
  secretOf(wireId: string): Uint8Array
}

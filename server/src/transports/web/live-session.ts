import type { TransportChannel } from '#core/transport'
import type { Baileys, Socket } from './library.ts'

/** A linked number whose connection is open in this process. */
export type LiveSession = {
  channel: Pick<TransportChannel, 'id' | 'workspaceId' | 'settings'>
  baileys: Baileys
  socket: Socket
}

import type { TransportChannel } from '#core/transport'
import type { SecretBox } from '#kit/crypto'
import { openTurns } from '#kit/turns'
import type { Connection } from './connection.ts'
import type { Baileys } from './library.ts'
import type { LiveSession } from './live-session.ts'
import type { Session } from './session-parts.ts'

export type ChannelRef = Pick<TransportChannel, 'id' | 'workspaceId'>

/** An open connection of this process, with what is spoken over it. */
export type Line = {
  connection: Connection
  live: LiveSession
  /** The library encrypts one message after the other. */
  turn: ReturnType<typeof openTurns>
}

export interface Lines {
  /** The line of a channel whose session is held here and open. */
  of(channel: Pick<ChannelRef, 'id'>): Line | undefined
  begin(session: Session, connection: Connection, baileys: Baileys): Line
  /** 32 bytes for the message sent under this wire id, the same in every process and after every restart. */
  secretOf(channel: Pick<ChannelRef, 'id'>, wireId: string): Buffer
}

type LineParts = { secretBox: SecretBox; sessionOf(channelId: string): Session | undefined }

export function openLines({ secretBox, sessionOf }: LineParts): Lines {
  const lines = new WeakMap<Connection, Line>()
  const secretOf: Lines['secretOf'] = ({ id }, wireId) => secretBox.derive(`message ${id} ${wireId}`)
  return {
    secretOf,
    of({ id }) {
      const connection = sessionOf(id)?.connection
      return connection && lines.get(connection)
    },
    begin(session, connection, baileys) {
      const { channelId: id, workspaceId } = session.ref
      const line: Line = {
        connection,
        live: {
          channel: { id, workspaceId, settings: {} },
          baileys,
          socket: connection.socket,
          acks: connection.acks,
          mayWrite: () => session.lease.isSure && session.connection === connection,
          secretOf: (wireId) => secretOf({ id }, wireId),
        },
        turn: openTurns(1),
      }
      lines.set(connection, line)
      return line
    },
  }
}

import type { Outcome, Outgoing, SendOptions } from '#core/transport'
import { composeMessage } from './compose.ts'
import type { Line } from './lines.ts'
import { outcomeOfAck } from './outcomes.ts'

/** WhatsApp answers in well under a second; without an answer so long nobody knows. */
const ACK_MS = 10_000

const notStarted = (reason: string, afterMs: number): Outcome => ({ kind: 'retry', code: 'not_started', reason, slow: 'none', afterMs })

export const NOT_CONNECTED = notStarted('This number is not connected here', 1_000)

/** Sent is what the network has confirmed: the library's own promise resolves as soon as bytes are written, even into a dead connection. */
export async function sendMessage(line: Line, message: Outgoing, options: SendOptions): Promise<Outcome> {
  const { live, connection, turn } = line
  const composed = await composeMessage(live, message)
  if ('outcome' in composed) return composed.outcome
  const { jid, message: content, relay } = composed
  const written = await turn(async () => {
    if (options.signal.aborted || !options.mayWrite()) return notStarted('too late for its claim', 0)
    if (!line.mayWrite()) return NOT_CONNECTED
    const ack = connection.acks.wait(relay.messageId, ACK_MS)
    try {
      await connection.socket.relayMessage(jid, content, relay)
      return ack
    } catch (error) {
      ack.cancel()
      if (!connection.isOpen) return notStarted('The connection was lost', 1_000)
      const reason = error instanceof Error ? error.message : 'the library failed'
      return { kind: 'unknown', reason, wireId: relay.messageId } satisfies Outcome
    }
  })
  if ('kind' in written) return written
  const attributes = await written.answer
  return attributes
    ? outcomeOfAck(attributes)
    : { kind: 'unknown', reason: 'WhatsApp did not confirm the message', wireId: relay.messageId }
}

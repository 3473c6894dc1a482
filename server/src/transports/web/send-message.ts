import type { Outcome, Outgoing, SendOptions } from '#core/transport'
import { composeMessage } from './compose.ts'
import type { Line } from './lines.ts'
import { outcomeOfAck } from './outcomes.ts'
import { writeMessage } from './write-message.ts'

const notStarted = (reason: string, afterMs: number): Outcome => ({ kind: 'retry', code: 'not_started', reason, slow: 'none', afterMs })

export const NOT_CONNECTED = notStarted('This number is not connected here', 1_000)

/** Sent is what the network has confirmed. Once it may have been written, nothing but its answer says that it was not. */
export async function sendMessage({ live, turn }: Line, message: Outgoing, options: SendOptions): Promise<Outcome> {
  const composed = await composeMessage(live, message)
  if ('outcome' in composed) return composed.outcome
  const written = await turn(async () => {
    if (options.signal.aborted || !options.mayWrite()) return notStarted('too late for its claim', 0)
    return live.mayWrite() ? writeMessage(live, composed) : NOT_CONNECTED
  })
  if ('kind' in written) return written
  const attributes = await written.answer
  return attributes ? outcomeOfAck(attributes) : { kind: 'unknown', reason: written.unanswered, wireId: composed.relay.messageId }
}

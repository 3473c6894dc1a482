import { DomainError, reasonIn } from '#kit/errors'
import type { Awaited } from './acks.ts'
import type { Composed } from './compose.ts'
import type { LiveSession } from './live-session.ts'
import { outcomeOfAck } from './outcomes.ts'

/** WhatsApp answers in well under a second; without an answer so long nobody knows. */
const ACK_MS = 10_000

/** What the network says of it, and what to say when it says nothing. */
export type Written = Pick<Awaited, 'answer'> & { unanswered: string }

/**
 * Puts a message on the wire. Never throws: the library writes it inside a transaction whose keys it stores afterwards, so that what fails here may
 * have left all the same. That it has left, only the network's ack says; the library is content with bytes written, even into a dead connection.
 */
export async function writeMessage({ acks, socket }: LiveSession, { jid, message, relay }: Composed): Promise<Written> {
  const { answer, within } = acks.wait(relay.messageId)
  try {
    await socket.relayMessage(jid, message, relay)
    within(ACK_MS)
    return { answer, unanswered: 'WhatsApp did not confirm the message' }
  } catch (error) {
    within(0)
    return { answer, unanswered: reasonIn(error) }
  }
}

/** The same for what somebody waits for: resolves when the network has taken it. */
export async function writeSurely(session: LiveSession, composed: Composed): Promise<void> {
  if (!session.mayWrite()) throw new DomainError('unavailable', 'The number is not connected right now')
  const { answer } = await writeMessage(session, composed)
  const attributes = await answer
  if (!attributes) throw new DomainError('unavailable', 'WhatsApp did not confirm it')
  const outcome = outcomeOfAck(attributes)
  if (outcome.kind === 'rejected') throw new DomainError('conflict', outcome.reason)
  if (outcome.kind !== 'accepted') throw new DomainError('unavailable', outcome.reason)
}

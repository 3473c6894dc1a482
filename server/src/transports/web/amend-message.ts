import type { BinaryNode, proto } from 'baileys'
import type { Content } from '#core/content'
import type { Outgoing, PlacedMessage, Transport } from '#core/transport'
import { DomainError } from '#kit/errors'
import { composeMessage } from './compose.ts'
import { toKey } from './content.wire.ts'
import type { LiveSession } from './live-session.ts'
import { outcomeOfAck } from './outcomes.ts'
import { findRecipient } from './recipients.ts'

type Edit = Parameters<NonNullable<Transport['edit']>>[1]
type Revocation = Parameters<NonNullable<Transport['revoke']>>[1]

/** WhatsApp answers in well under a second. */
const ACK_MS = 10_000

/** What the library marks such messages with; '8' is an admin's. */
const EDITED = '1'
const TAKEN_BACK = '7'
const TAKEN_BACK_BY_ADMIN = '8'

/** Says a message again with other words, in the place of the first. `sent` is what it was sent as, with its file. */
export async function editMessage(
  session: LiveSession,
  { content, deedWireId, ...place }: Edit,
  sent: Outgoing | undefined,
): Promise<void> {
  const composed = await composeMessage(session, again({ content, deedWireId, place }, sent))
  if ('outcome' in composed) throw refusal('reason' in composed.outcome ? composed.outcome.reason : 'It could not be prepared')
  const { messageContextInfo: _, ...editedMessage } = composed.message
  const { MESSAGE_EDIT: type } = session.baileys.proto.Message.ProtocolMessage.Type
  const protocolMessage = { key: toKey(place, composed.jid), type, editedMessage, timestampMs: Date.now() }
  await relay(session, composed.jid, { protocolMessage }, { messageId: deedWireId, edit: EDITED })
}

export async function revokeMessage(session: LiveSession, { deedWireId, ...place }: Revocation): Promise<void> {
  const jid = await findRecipient(session, place.to)
  if (jid === undefined) throw refusal('Nobody with this number is on WhatsApp')
  const { REVOKE: type } = session.baileys.proto.Message.ProtocolMessage.Type
  const edit = place.fromMe ? TAKEN_BACK : TAKEN_BACK_BY_ADMIN
  await relay(session, jid, { protocolMessage: { key: toKey(place, jid), type } }, { messageId: deedWireId, edit })
}

const refusal = (reason: string) => new DomainError('conflict', reason)

/** The edit as a message of its own; what it answered stays with the first. */
function again(
  { content, deedWireId, place }: { content: Edit['content']; deedWireId: string; place: PlacedMessage },
  sent: Outgoing | undefined,
): Outgoing {
  if (content.type !== 'text' && !sent?.media) throw new DomainError('unsupported', 'The file of this message is not here any more')
  return {
    messageId: deedWireId,
    attempt: 1,
    callbackData: '',
    media: sent?.media,
    to: place.to,
    content: content as Content, // words, or a file that was found
    wireId: deedWireId,
    targetWireId: undefined,
  }
}

/** Resolves when the network has taken it: the library's own promise resolves as soon as bytes are written. */
async function relay(
  { socket }: LiveSession,
  jid: string,
  message: proto.IMessage,
  { messageId, edit }: { messageId: string; edit: string },
): Promise<void> {
  const answer = socket.waitForMessage<BinaryNode>(messageId, ACK_MS)
  answer.catch(() => undefined) // awaited below, unless the write fails
  await socket.relayMessage(jid, message, { messageId, additionalAttributes: { edit } })
  const told = await answer
  if (!told) throw new DomainError('unavailable', 'WhatsApp did not confirm it')
  const outcome = outcomeOfAck(told.attrs)
  if (outcome.kind === 'rejected') throw refusal(outcome.reason)
  if (outcome.kind !== 'accepted') throw new DomainError('unavailable', outcome.reason)
}

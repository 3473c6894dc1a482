import type { Content } from '#core/content'
import type { Outcome, Outgoing, PlacedMessage, Transport } from '#core/transport'
import { DomainError } from '#kit/errors'
import { type Composed, composeMessage } from './compose.ts'
import { toKey } from './content.wire.ts'
import type { LiveSession } from './live-session.ts'
import { findRecipient } from './recipients.ts'
import { writeSurely } from './write-message.ts'

type Edit = Parameters<NonNullable<Transport['edit']>>[1]
type Revocation = Parameters<NonNullable<Transport['revoke']>>[1]

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
  if ('outcome' in composed) throw notComposed(composed.outcome)
  const { messageContextInfo: _, ...editedMessage } = composed.message
  const { MESSAGE_EDIT: type } = session.baileys.proto.Message.ProtocolMessage.Type
  const protocolMessage = { key: toKey(place, composed.jid), type, editedMessage, timestampMs: Date.now() }
  await writeSurely(session, deed({ jid: composed.jid, message: { protocolMessage }, wireId: deedWireId, edit: EDITED }))
}

export async function revokeMessage(session: LiveSession, { deedWireId, ...place }: Revocation): Promise<void> {
  const jid = await findRecipient(session, place.to)
  if (jid === undefined) throw new DomainError('conflict', 'Nobody with this number is on WhatsApp')
  const { REVOKE: type } = session.baileys.proto.Message.ProtocolMessage.Type
  const edit = place.fromMe ? TAKEN_BACK : TAKEN_BACK_BY_ADMIN
  await writeSurely(session, deed({ jid, message: { protocolMessage: { key: toKey(place, jid), type } }, wireId: deedWireId, edit }))
}

type Deed = Pick<Composed, 'jid' | 'message'> & { wireId: string; edit: string }

/** Something that is done to a message of before; `edit` marks what it is. */
export const deed = ({ jid, message, wireId, edit }: Deed): Composed => ({
  jid,
  message,
  relay: { messageId: wireId, additionalAttributes: { edit } },
})

/** Trouble that may pass is told as such. */
function notComposed(outcome: Outcome): DomainError {
  const reason = 'reason' in outcome ? outcome.reason : 'It could not be prepared'
  return new DomainError(outcome.kind === 'rejected' ? 'conflict' : 'unavailable', reason)
}

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

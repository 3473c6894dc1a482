import { proto } from 'baileys'
import { type Device, signalAddress } from './devices.ts'
import { sendAsPeer } from './history.ts'
import { bytesOf, child, type Node } from './nodes.wire.ts'
import type { WebState, Written } from './web-state.ts'

const { PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType
const { PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE } = proto.Message.ProtocolMessage.Type

/** A device asks its own phone for messages that it has not got. */
export async function takeRequest(state: WebState, device: Device, stanza: Node): Promise<undefined> {
  const sealed = child(stanza, 'enc')
  const { type = 'msg' } = sealed?.attrs ?? {}
  const opened = await device.account.person.signal.open(signalAddress(device), { type, bytes: bytesOf(sealed) })
  const { protocolMessage } = opened.deviceSentMessage?.message ?? opened
  const asked = protocolMessage?.peerDataOperationRequestMessage?.placeholderMessageResendRequest ?? []
  const found = asked.flatMap(({ messageKey }) => state.written.get(messageKey?.id ?? '') ?? [])
  if (found.length === 0) return
  await sendAsPeer(state, device, {
    type: PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
    peerDataOperationRequestResponseMessage: {
      stanzaId: stanza.attrs.id ?? null,
      peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
      peerDataOperationResult: found.map((written) => ({ placeholderMessageResendResponse: { webMessageInfoBytes: whole(written) } })),
    },
  })
}

/** As the phone keeps it. */
function whole({ message, envelope }: Written): Uint8Array {
  const { from = '', id = '', t } = envelope
  const [participant, notify] = [envelope.participant ?? null, envelope.notify ?? null]
  const key = { remoteJid: from, fromMe: false, id, participant }
  return proto.WebMessageInfo.encode({ key, message, messageTimestamp: Number(t), pushName: notify, participant }).finish()
}

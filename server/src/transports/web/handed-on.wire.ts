import type { proto } from 'baileys'
import { type Me, userJid } from './addresses.ts'
import type { Envelope } from './envelope.ts'
import type { Baileys } from './library.ts'

type Attributes = Readonly<Record<string, string>>
export type Ourselves = Envelope['me']

/**
 * Messages that our own phone hands on, because they came without their content or could not be opened here: as if they had come by themselves.
 * `came`: the stanza under this id, which tells more of its writer than the phone does.
 */
export function toHandedOn(baileys: Baileys, answer: Uint8Array, me: Ourselves, came: (id: string) => Attributes | undefined): Envelope[] {
  const { protocolMessage } = baileys.proto.Message.decode(answer)
  const results = protocolMessage?.peerDataOperationRequestResponseMessage?.peerDataOperationResult ?? []
  return results.flatMap(({ placeholderMessageResendResponse: handed }) => {
    if (!handed?.webMessageInfoBytes) return []
    const { key, message, ...told } = baileys.proto.WebMessageInfo.decode(handed.webMessageInfoBytes)
    if (!key?.id || !key.remoteJid || !message) return []
    const place = placeOf(key, told.participant, me)
    const stanza = came(key.id)
    const said = { id: key.id, t: String(told.messageTimestamp ?? ''), ...(told.pushName && { notify: told.pushName }), ...place }
    const attributes = stanza && isSamePlace(stanza, place) ? stanza : said
    return [{ attributes, me, message: baileys.proto.Message.encode(message).finish() }]
  })
}

/** As the attributes of a stanza say it. */
function placeOf({ remoteJid, fromMe, participant }: proto.IMessageKey, author: string | null | undefined, { id }: Me): Attributes {
  const from = remoteJid ?? ''
  if (userJid(from) !== undefined) return fromMe ? { from: id, recipient: from } : { from }
  const writer = fromMe ? id : (participant ?? author)
  return { from, ...(writer && { participant: writer }) }
}

/** An id is chosen by whoever writes: a stanza of somebody else may have the same. */
function isSamePlace(stanza: Attributes, { from = '', recipient }: Attributes): boolean {
  const who = userJid(from)
  if (who === undefined || recipient !== undefined) return stanza.from === from && stanza.recipient === recipient
  return [stanza.from, stanza.sender_lid, stanza.sender_pn].some((jid) => userJid(jid) === who)
}

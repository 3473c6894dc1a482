import { normalizeMessageContent, type proto } from 'baileys'
import { putBounded } from '../bounded-map.ts'
import type { Verdict } from '../network.types.ts'
import { type Device, rememberSent } from './devices.ts'
import { fromMessage } from './from-message.wire.ts'
import type { Node } from './nodes.wire.ts'
import type { WebState } from './web-state.ts'

const MESSAGES_MOST = 2_000

/** The phone, or all phones of a group, shows a message, if there is anything to see in it. */
export async function show(
  state: WebState,
  { account }: Device,
  { stanza, to, message }: { stanza: Node; to: string; message: proto.IMessage },
): Promise<Verdict | undefined> {
  const { id = '' } = stanza.attrs
  const owner = account.person.number
  const inner = normalizeMessageContent(message) ?? message
  const messageContextInfo = message.messageContextInfo ?? inner.messageContextInfo ?? null
  putBounded(state.messages, { key: id, value: { ...inner, messageContextInfo } }, MESSAGES_MOST)
  const said = await fromMessage(message, { files: state.network.files, media: state.media, owner })
  if (!said) return undefined
  rememberSent(account, id, stanza.attrs.to ?? '')
  return state.network.deliver(owner, to, { ...said, wireId: id })
}

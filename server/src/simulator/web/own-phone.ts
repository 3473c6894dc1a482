import { randomBytes } from 'node:crypto'
import type { InboundContent } from '#core/content'
import { type Account, rememberSent } from './devices.ts'
import { node, seconds } from './nodes.wire.ts'
import { numberOfJid } from './people.ts'
import { toMessage } from './to-message.wire.ts'
import { inTurn } from './turns.ts'
import { accountOf, type WebState } from './web-state.ts'
import { hand } from './write-inbound.ts'

/** Somebody writes on the business's own phone: the recipient gets it, the linked devices a copy. */
export function writeFromOwnPhone(state: WebState, said: Said): Promise<string> {
  const account = accountOf(state, said.number)
  return inTurn(account.inbound, () => write(state, account, said))
}

type Said = { number: string; to: string; content: InboundContent }

async function write(state: WebState, account: Account, { number, to, content }: Said): Promise<string> {
  const wireId = `3A${randomBytes(9).toString('hex').toUpperCase()}`
  const at = state.network.time.now()
  const jid = to.includes('@') ? to : state.people.of(to).phoneJid
  const keyOf = (id: string) => ({ remoteJid: jid, id, fromMe: state.network.chat(number, to)?.bubbles.get(id)?.direction === 'to_phone' })
  const message = await toMessage({ content, context: undefined, keyOf, atMs: at }, { files: state.network.files, media: state.media })
  rememberSent(account, wireId, jid)
  const verdict = state.network.deliver(number, numberOfJid(to) ?? to, { content, wireId })
  if (verdict.kind !== 'accepted') throw new Error(`The message was not taken: ${verdict.kind}`)
  const { person } = account
  const envelope = node('message', { from: person.phoneJid, recipient: jid, id: wireId, t: seconds(at), type: 'text' }).attrs
  await hand(state, account, { by: person, to: number, message: { deviceSentMessage: { destinationJid: jid, message } }, envelope })
  return wireId
}

import { answerCall } from './answer-call.ts'
import { takeIq } from './answer-iq.ts'
import { acknowledged, type Device } from './devices.ts'
import { child, type Node, node } from './nodes.wire.ts'
import { numberOfJid } from './people.ts'
import { takeReceipt } from './receipts.ts'
import { takeMessage } from './take-message.ts'
import { note, type Session, type WebState } from './web-state.ts'

const TYPING_MS = 25_000

/** Whatever a client sends. */
export async function takeStanza(state: WebState, session: Session, stanza: Node): Promise<void> {
  if (stanza.tag === 'iq') return takeIq(state, session, stanza)
  const { device } = session
  if (!device) return
  switch (stanza.tag) {
    case 'message':
      return takeMessage(state, device, stanza)
    case 'receipt':
      return takeReceipt(state, device, stanza)
    case 'ack':
      return acknowledged(device, stanza.attrs.class ?? '', stanza.attrs)
    case 'chatstate':
      return takeTyping(state, device, stanza)
    case 'call':
      return answerCall(session, stanza)
    case 'presence':
      return takePresence(session, stanza)
    case 'ib':
      return // what it tells of itself, for statistics
    default:
      note(state.unknown, stanza)
  }
}

/** Whoever wants to know about somebody is told that they are away, and no more. */
function takePresence({ connection }: Session, { attrs: { type, to } }: Node): void {
  if (type === 'subscribe') connection.send(node('presence', { from: to, type: 'unavailable', last: 'deny' }))
}

function takeTyping({ network }: WebState, { account }: Device, { attrs, ...stanza }: Node): void {
  const to = numberOfJid(attrs.to) ?? attrs.to ?? ''
  network.showTyping(account.person.number, to, child({ attrs, ...stanza }, 'composing') ? TYPING_MS : 0)
}

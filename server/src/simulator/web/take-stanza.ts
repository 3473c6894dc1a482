import { takeIq } from './answer-iq.ts'
import { acknowledged, type Device } from './devices.ts'
import { child, type Node } from './nodes.wire.ts'
import { numberOfJid } from './people.ts'
import { takeReceipt } from './receipts.ts'
import { takeMessage } from './take-message.ts'
import type { Session, WebState } from './web-state.ts'

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
    case 'presence':
      if (stanza.attrs.name) device.account.pushName = stanza.attrs.name
  }
}

function takeTyping({ network }: WebState, { account }: Device, { attrs, ...stanza }: Node): void {
  const to = numberOfJid(attrs.to) ?? attrs.to ?? ''
  network.showTyping(account.person.number, to, child({ attrs, ...stanza }, 'composing') ? TYPING_MS : 0)
}

import type { InboundContent } from '#core/content'
import { newBubble } from './chats.ts'
import { type NetworkState, tell } from './network-state.ts'

const WINDOW_MS = 24 * 3_600_000

/** A phone writes to a business, or into a group that the business is in: the window opens, the business is told. Answers the wire id. */
export function write(
  state: NetworkState,
  message: { phone: string; business: string; content: InboundContent; contextWireId?: string | undefined; group?: string | undefined },
): string {
  const { business, content, contextWireId, group } = message
  const phone = state.phones.find(message.phone)
  if (!phone) throw new RangeError(`no phone ${message.phone}`)
  const chat = state.chats.open(business, group ?? phone.number)
  const at = state.time.now()
  const wireId = state.newWireId()
  if (group === undefined) chat.windowUntil = at + WINDOW_MS
  state.counts.inbound++
  if (state.keepsBubbles) {
    const bubble = newBubble({
      wireId,
      direction: 'from_phone',
      content,
      at,
      state: 'sent',
      times: { sent: at },
      contextWireId,
      author: group && phone.number,
    })
    state.chats.add(chat, bubble)
    tell(state, 'bubble', { chat, bubble })
  }
  tell(state, 'message', { business, phone, wireId, at, content, contextWireId, group })
  return wireId
}

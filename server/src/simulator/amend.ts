import type { InboundContent } from '#core/content'
import type { Bubble, Chat } from './chats.ts'
import type { NetworkState } from './network-state.ts'

/** As long as WhatsApp proposes. */
export const PIN_SECONDS = 604_800

export function putUp(state: NetworkState, bubble: Bubble | undefined, seconds: number | undefined): void {
  if (bubble) bubble.pinnedUntil = seconds === undefined ? 0 : state.time.now() + seconds * 1000
}

/** The bubble that a business's message is about: its reaction, its change of words, its taking back. */
export function targetOf(content: InboundContent, contextWireId: string | undefined): string | undefined {
  if (content.type === 'reaction') return contextWireId ?? ('wireId' in content ? content.wireId : content.messageId)
  return content.type === 'edit' || content.type === 'revoke' || content.type === 'pin' ? content.wireId : undefined
}

/** What the business says about a bubble of the chat shows on it. */
export function amend(state: NetworkState, chat: Chat, { content, target }: { content: InboundContent; target: string | undefined }): void {
  const bubble = target === undefined ? undefined : chat.bubbles.get(target)
  if (!bubble) return
  if (content.type === 'reaction') bubble.reactions.business = content.emoji
  else if (content.type === 'pin') putUp(state, bubble, content.pinned ? (content.seconds ?? PIN_SECONDS) : undefined)
  else if (content.type === 'revoke') revoke(state, chat, bubble)
  else if (content.type === 'edit' && bubble.direction === 'to_phone') reword(bubble, content.content as InboundContent) // whoever edits on this network writes content of ours
  for (const listener of state.listeners.bubble) listener({ chat, bubble })
}

/** What others wrote in a group only its admins take back. */
function revoke({ groups }: NetworkState, { business, phone }: Chat, bubble: Bubble): void {
  const role = groups.find(business, phone)?.members.get(business)
  const isAdmin = role === 'admin' || role === 'owner'
  if (bubble.direction === 'to_phone' || isAdmin) bubble.content = { type: 'revoke', wireId: bubble.wireId }
}

/** A file stays where it is: only its words change. */
function reword(bubble: Bubble, said: InboundContent): void {
  const { content: before } = bubble
  const file = 'remoteMedia' in before && before.type === said.type ? { remoteMedia: before.remoteMedia } : {}
  bubble.content = { ...said, ...file }
}

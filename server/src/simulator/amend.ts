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
  else if (bubble.direction === 'to_phone') reword(bubble, content)
  for (const listener of state.listeners.bubble) listener({ chat, bubble })
}

function reword(bubble: Bubble, content: InboundContent): void {
  if (content.type === 'revoke') bubble.content = content
  if (content.type === 'edit') bubble.content = content.content as InboundContent // whoever edits on this network writes content of ours
}

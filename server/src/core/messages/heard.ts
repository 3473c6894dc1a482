import type { InboundContent } from '#core/content'
import type { InboundMessage, Receipt } from '#core/transport'
import type { MessageState } from './message-state.ts'

/** Something that a network told of: by a person, or by the owner of the number on the phone itself. */
export type Heard = { message: InboundMessage & { state?: Receipt['state'] }; id: string }

/** The row of it. */
export type HeardRow = {
  id: string
  direction: 'in' | 'out'
  state: MessageState
  conversationId: string
  /** undefined: what the owner wrote into a group is to nobody. */
  contactId: string | undefined
  address: string
  content: InboundContent
  wireId: string
  at: Date
  replyTo: string | undefined
  /** Our message that a deed is about, in the same conversation. */
  targetId: string | undefined
  /** It is a deed about a message of another conversation: kept, without effect, told to nobody. */
  isAstray: boolean
  facts: Record<string, unknown> | undefined
}

/** What one does to a message. */
export type Deed = Pick<HeardRow, 'id' | 'content' | 'at' | 'targetId'>

const EVENT_OF: Partial<Record<InboundContent['type'], string>> = {
  reaction: 'message.reacted',
  poll_vote: 'message.poll_voted',
  edit: 'message.edited',
  revoke: 'message.deleted',
}

export function eventTypeOf({ content, direction }: HeardRow): string {
  if (content.type === 'pin') return content.pinned ? 'message.pinned' : 'message.unpinned'
  return EVENT_OF[content.type] ?? (direction === 'in' ? 'message.received' : 'message.sent')
}

/** What is done to a message is nothing to read, nor what one wrote oneself. */
export const isToRead = (row: HeardRow): boolean => eventTypeOf(row) === 'message.received'

/** The message that it is about or answers. */
export function targetWireId({ content, repliesTo }: InboundMessage): string | undefined {
  return deedTarget(content) ?? repliesTo
}

export const deedTarget = (content: InboundContent): string | undefined =>
  'wireId' in content && typeof content.wireId === 'string' ? content.wireId : undefined

export type ConversationState = 'open' | 'pending' | 'resolved' | 'snoozed'

export type Conversation = {
  id: string
  number: number
  workspaceId: string
  channelId: string
  contactId: string | undefined
  /** Where messages go: E.164, a group's JID, a BSUID. */
  address: string
  state: ConversationState
  unread: number
  lastInboundAt: Date | undefined
  lastMessageAt: Date
  archivedAt: Date | undefined
  pinnedAt: Date | undefined
  /** A person wants to come back to it, whatever was read. */
  markedUnread: boolean
  createdAt: Date
}

export const CONVERSATION_KINDS = ['contact', 'group', 'newsletter'] as const
export type ConversationKind = (typeof CONVERSATION_KINDS)[number]

/** Whom one talks to there: its address tells. */
export function conversationKind({ address }: Pick<Conversation, 'address'>): ConversationKind {
  if (address.endsWith('@g.us')) return 'group'
  return address.endsWith('@newsletter') ? 'newsletter' : 'contact'
}

const WINDOW_HOURS = 24

/** When the 24-hour window closes; undefined: it is closed. */
export function windowClosesAt(conversation: Pick<Conversation, 'lastInboundAt'>, now: Date): Date | undefined {
  if (!conversation.lastInboundAt) return undefined
  const closes = new Date(conversation.lastInboundAt.getTime() + WINDOW_HOURS * 3_600_000)
  return closes > now ? closes : undefined
}

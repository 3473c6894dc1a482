import type { InboundContent } from '#core/content'
import { putBounded } from './bounded-map.ts'

export type BubbleState = 'accepted' | 'sent' | 'delivered' | 'read' | 'failed'

/** One message as a phone shows it. Times are milliseconds since 1970. */
export type Bubble = {
  wireId: string
  direction: 'to_phone' | 'from_phone'
  content: InboundContent
  at: number
  state: BubbleState
  times: { sent?: number; delivered?: number; read?: number; failed?: number }
  contextWireId: string | undefined
  callbackData: string | undefined
  category: string | undefined
  /** How often it was sent under this same wire id. */
  arrivals: number
  reactions: { business?: string; phone?: string }
  votes: string[]
  /** At the top of the chat until then; 0: not. */
  pinnedUntil: number
  /** Opened by a person, and told: its timed read receipt is not told again. */
  readByHand: boolean
  /** Of a group: who wrote it, E.164. */
  author: string | undefined
  /** Of a group or newsletter: whose phones it went to. */
  receivers: readonly string[] | undefined
}

type Said = Pick<Bubble, 'wireId' | 'direction' | 'content' | 'at' | 'state' | 'times' | 'contextWireId'> &
  Partial<Pick<Bubble, 'callbackData' | 'category' | 'author' | 'receivers'>>

/** A bubble that nothing has happened to yet. */
export const newBubble = ({ callbackData, category, author, receivers, ...said }: Said): Bubble => ({
  ...said,
  callbackData,
  category,
  arrivals: 1,
  reactions: {},
  votes: [],
  pinnedUntil: 0,
  readByHand: false,
  author,
  receivers,
})

export type Chat = {
  business: string
  phone: string
  /** By wire id, oldest first. */
  bubbles: Map<string, Bubble>
  /** How many bubbles were let go for room. */
  forgotten: number
  /** Free-form messages may be sent until then. */
  windowUntil: number
  blocked: boolean
  typingUntil: number
  /** What the phone wrote by itself in the minute since `since`. */
  automatic: { since: number; count: number }
}

export interface ChatBook {
  /** The chat; begins one when there is none. */
  open(business: string, phone: string): Chat
  find(business: string, phone: string): Chat | undefined
  of(business: string): Chat[]
  add(chat: Chat, bubble: Bubble): void
  /** The chat in which a phone wrote this. */
  ofInbound(wireId: string): Chat | undefined
}

const INBOUND_MOST = 100_000

export function createChatBook({ mostChats, mostBubbles }: { mostChats: number; mostBubbles: number }): ChatBook {
  const chats = new Map<string, Chat>()
  const inbound = new Map<string, Chat>()
  const keyOf = (business: string, phone: string) => `${business} ${phone}`
  return {
    open(business, phone) {
      const key = keyOf(business, phone)
      const chat = chats.get(key) ?? newChat(business, phone)
      putBounded(chats, { key, value: chat }, mostChats)
      return chat
    },
    find: (business, phone) => chats.get(keyOf(business, phone)),
    of: (business) => [...chats.values()].filter((chat) => chat.business === business),
    add(chat, bubble) {
      chat.forgotten += putBounded(chat.bubbles, { key: bubble.wireId, value: bubble }, mostBubbles)
      if (bubble.direction === 'from_phone') putBounded(inbound, { key: bubble.wireId, value: chat }, INBOUND_MOST)
    },
    ofInbound: (wireId) => inbound.get(wireId),
  }
}

const newChat = (business: string, phone: string): Chat => ({
  business,
  phone,
  bubbles: new Map(),
  forgotten: 0,
  windowUntil: 0,
  blocked: false,
  typingUntil: 0,
  automatic: { since: 0, count: 0 },
})

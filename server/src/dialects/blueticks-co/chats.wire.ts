import { z } from 'zod'
import { type Conversation, type ConversationKind, conversationKind } from '#core/conversations'
import type { Message } from '#core/messages'
import { chatIdOf } from './key.wire.ts'
import { showTime, wordsOf } from './message-parts.wire.ts'
import { Words } from './message-search.wire.ts'
import { Order, Paging, WholeOr } from './paging.wire.ts'
import { searchBy, Truth, wordsAsked } from './search-words.wire.ts'
import { ChatPath, Time } from './send-body.wire.ts'

export const OnChat = z.object({ chatId: ChatPath })
const Token = z.string().trim().min(1).max(200).optional()
const NAME_OR_NUMBER = 'Part of a name or of a number'

/** Both numbers of the word. */
const KINDS = {
  contact: 'contact',
  contacts: 'contact',
  group: 'group',
  groups: 'group',
  newsletter: 'newsletter',
  newsletters: 'newsletter',
} as const satisfies Record<string, ConversationKind>
const KIND_WORDS = Object.keys(KINDS) as (keyof typeof KINDS)[] // the object's own keys

export const ChatSearch = z.object({
  ...Paging,
  order: Order,
  ...searchBy(Token, NAME_OR_NUMBER),
  filter: z.enum(KIND_WORDS).optional(),
  kinds: Words.pipe(z.array(z.enum(KIND_WORDS)).min(1)).optional(),
  since: Time.optional().describe('With a message no earlier than this'),
  includeLastMessage: Truth.optional().describe('Accepted; the last message is always told'),
  includeExtendedInfo: Truth.optional().describe('Accepted; all is told'),
  includeWithoutName: Truth.optional().describe('false leaves out who has no name'),
  includeArchive: Truth.optional().describe('true lists archived chats as well'),
})

/** The core's search for a query. */
export function chatFilter(query: z.output<typeof ChatSearch>) {
  const words = query.kinds ?? (query.filter ? [query.filter] : undefined)
  return {
    order: query.order === 'asc' ? ('earliest' as const) : ('latest' as const),
    search: wordsAsked(query),
    kinds: words?.map((word) => KINDS[word]),
    since: query.since,
    named: query.includeWithoutName === false ? true : undefined,
    archived: query.includeArchive === true ? undefined : false,
    oneEach: true,
    limit: query.limit,
    withTotal: true,
  }
}

export const LatestQuery = z.object({ numberOfChats: WholeOr(50, 1, 200), numberOfMessages: WholeOr(20, 0, 100) })

const PARTICIPANTS_MOST = 500
export const ParticipantSearch = z.object({
  ...Paging,
  limit: WholeOr(100, 1, PARTICIPANTS_MOST),
  ...searchBy(Token, NAME_OR_NUMBER),
})

/** A chat with what is known beside it: a name, the last message. */
export function showChat(chat: Conversation, name: string | undefined, last: Message | undefined) {
  const chatId = chatIdOf(chat.address)
  const chatType = conversationKind(chat)
  return {
    id: chatId,
    chatId,
    name: name ?? null,
    chatType,
    isGroup: chatType === 'group',
    isNewsletter: chatType === 'newsletter',
    pinned: chat.pinnedAt !== undefined,
    archived: chat.archivedAt !== undefined,
    lastMessageAt: showTime(chat.lastMessageAt),
    unreadCount: chat.unread,
    markedUnread: chat.markedUnread,
    lastMessageText: (last && wordsOf(last)) ?? null,
    lastMessageFromMe: last ? last.direction === 'out' : null,
  }
}

export type Participant = { address: string; name: string | undefined; isAdmin: boolean; isSuperAdmin: boolean }

export const showParticipant = ({ address, name, isAdmin, isSuperAdmin }: Participant) => ({
  chatId: chatIdOf(address),
  name: name ?? null,
  isAdmin,
  isSuperAdmin,
})

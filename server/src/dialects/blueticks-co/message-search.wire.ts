import { z } from 'zod'
import { CHAT_KINDS, contentKinds, isMedia } from './content-kinds.wire.ts'
import { addressOf } from './key.wire.ts'
import { Order, Paging } from './paging.wire.ts'
import { searchBy, Truth, wordsAsked } from './search-words.wire.ts'
import { ChatId, Time } from './send-body.wire.ts'
import { KEPT_STATES } from './states.wire.ts'

/** Comma-separated or repeated. */
const words = (said: string | string[]) => (typeof said === 'string' ? said.split(',') : said).map((word) => word.trim())
export const Words = z.union([z.string().max(4_096), z.array(z.string().max(512)).max(50)]).transform(words)

export const MessageSearch = z.object({
  ...Paging,
  order: Order,
  chatId: ChatId.optional(),
  ...searchBy(z.string().min(1).max(200).optional()),
  since: Time.optional(),
  until: Time.optional(),
  messageTypes: Words.pipe(z.array(z.enum(CHAT_KINDS)).min(1)).optional(),
  queryAny: Words.pipe(z.array(z.string().min(1).max(200)).min(1).max(24))
    .optional()
    .describe('Any of these words'),
  mime: z.string().min(1).max(255).optional().describe('How the type of the file begins'),
  filenameContains: z.string().min(1).max(255).optional(),
  hasMedia: Truth.optional(),
  sender: z.string().min(1).max(128).optional().describe('A phone number or chat id'),
  loadFromPhoneIfNeeded: Truth.optional().describe('Accepted; everything is here already'),
  includeMediaContent: Truth.optional().describe('Accepted; files are fetched by /messages/media'),
})
export type MessageQuery = z.output<typeof MessageSearch>

/** The first clients' list of one chat: both modes are all we hold. */
export const ThreadSearch = MessageSearch.omit({ chatId: true }).extend({
  mode: z.enum(['latest', 'history']).optional(),
})

/** The core's search for a query. `older`: what the API made, scheduled ones included; else what the network knows, either direction. */
export function searchOf(query: MessageQuery, older: boolean) {
  const { limit, order, chatId, since, until, messageTypes, hasMedia, sender } = query
  const kinds = contentKinds(messageTypes)
  const scope = older
    ? {
        direction: 'out' as const,
        origins: ['api' as const, 'direct' as const],
        states: [...KEPT_STATES],
        contentTypes: contentKinds(undefined),
      }
    : { onWire: true, contentTypes: kinds.filter((kind) => hasMedia === undefined || isMedia(kind) === hasMedia) }
  return {
    ...scope,
    limit,
    order,
    since,
    until,
    address: chatId && addressOf(chatId),
    search: wordsAsked(query),
    searchAny: query.queryAny,
    mimePrefix: query.mime,
    filename: query.filenameContains,
    sender: sender && addressOf(sender.trim().replace(/^(?=\d+$)/, '+')), // an unescaped plus of a query is a space
  }
}

/** The fields of the API's objects, as its pages and its clients' models have them. */
export const STORED_MESSAGE = [
  'id',
  'waMessageKey',
  'key',
  'to',
  'from',
  'type',
  'text',
  'mediaUrl',
  'mediaKind',
  'mediaCaption',
  'mediaFilename',
  'mediaMimeType',
  'pollQuestion',
  'pollOptions',
  'pollAllowMultiple',
  'status',
  'sendAt',
  'createdAt',
  'updatedAt',
  'confirmedAt',
  'receivedAt',
  'readAt',
  'playedAt',
  'failedAt',
  'sentAt',
  'deliveredAt',
  'failureReason',
  'secret',
  'linkPreview',
  'isRecurring',
  'recurrenceRule',
]
export const CHAT_MESSAGE = [
  'id',
  'waMessageKey',
  'key',
  'chatId',
  'to',
  'from',
  'author',
  'senderName',
  'timestamp',
  'text',
  'type',
  'fromMe',
  'ack',
  'mediaUrl',
  'caption',
  'filename',
  'linkPreview',
  'quotedMessage',
  'status',
  'sendAt',
  'createdAt',
  'sentAt',
  'deliveredAt',
  'readAt',
  'failedAt',
  'failureReason',
]
export const CHAT = [
  'id',
  'chatId',
  'name',
  'chatType',
  'isGroup',
  'isNewsletter',
  'pinned',
  'archived',
  'lastMessageAt',
  'unreadCount',
  'markedUnread',
  'lastMessageText',
  'lastMessageFromMe',
]
export const LOAD_OLDER = ['totalMessages', 'added', 'canLoadMore', 'historyUnavailable', 'error', 'pagesExecuted', 'coverage']
export const WEBHOOK = ['id', 'url', 'events', 'description', 'status', 'createdAt', 'updatedAt']
export const AUDIENCE = ['id', 'name', 'contactCount', 'createdAt']
export const CAMPAIGN = [
  'id',
  'cmpId',
  'name',
  'audienceId',
  'status',
  'totalCount',
  'sentCount',
  'deliveredCount',
  'readCount',
  'failedCount',
  'from',
  'createdAt',
  'startedAt',
  'completedAt',
  'abortedAt',
]
export const PING = ['api', 'accountId', 'whatsappConnections', 'message', 'keyPrefix', 'scopes']
export const ACCOUNT = ['id', 'name', 'userEmail', 'timezone', 'createdAt']
export const MEDIA = ['url', 'mimetype', 'filename', 'dataBase64', 'originalQuality', 'mediaUnavailable']
export const LINK_PREVIEW = ['title', 'description', 'canonicalUrl', 'thumbnail']
export const PHONE_VALIDATION = ['valid', 'formattedChatId', 'chatId']
export const ENGINE_ME = ['phone', 'name', 'platform']
export const ENGINE = ['id', 'type', 'connected', 'state', 'stream', 'hasSynced']
export const DELETED = ['id', 'deleted']
export const PAGE = ['success', 'data', 'limit', 'skip', 'total', 'has_more', 'hasMore', 'next_cursor', 'nextCursor']

export const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const both = (names: readonly string[]) => [...new Set(names.flatMap((name) => [name, snake(name)]))].sort()
const keysOf = (value: unknown) => Object.keys(value as object).sort()

/** One object for every generation: the fields in both spellings, at the top and under data. `top`: what stands at the top alone. */
export function expectOne(body: Record<string, unknown>, names: readonly string[], top: readonly string[] = []): void {
  compare('the top', keysOf(body), [...both([...names, ...top]), 'data', 'success'].sort())
  compare('data', keysOf(body.data), both(names))
  if (body.success !== true) throw new Error('success is not true')
}

/** A page for every generation, its rows in both spellings. */
export function expectPage(body: Record<string, unknown>, names: readonly string[]): void {
  compare('the page', keysOf(body), [...PAGE].sort())
  for (const row of body.data as object[]) compare('a row', keysOf(row), both(names))
}

function compare(where: string, found: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.filter((name) => !found.includes(name))
  const more = found.filter((name) => !wanted.includes(name))
  if (missing.length + more.length > 0) throw new Error(`${where} lacks [${missing}] and has [${more}] beside`)
}

import { findConversation } from '#core/conversations'
import { listMessages } from '#core/messages'
import type { Context } from '#kit/context'
import { addressOf } from './key.wire.ts'

/** How far back a chat goes here. No road we have can fetch what was said before a channel was connected, and the answer says so. */
export async function readHistory(ctx: Context, chatId: string) {
  const { address } = await findConversation(ctx, { address: addressOf(chatId) })
  const { rows, total } = await listMessages(ctx, { address, onWire: true, order: 'asc', limit: 1, withTotal: true })
  const oldest = rows[0]?.createdAt
  return {
    totalMessages: total ?? 0,
    added: 0,
    canLoadMore: false,
    historyUnavailable: true,
    error: null,
    pagesExecuted: 0,
    coverage: oldest ? { oldestLoadedTimestamp: oldest.getTime(), oldestLoadedIso: oldest.toISOString() } : {},
  }
}

import { listMessages } from '#core/messages'
import type { Context } from '#kit/context'
import { page } from './answers.wire.ts'
import { showChatMessage } from './chat-message.wire.ts'
import { loadAround } from './load-around.ts'
import { type MessageQuery, searchOf } from './message-search.wire.ts'
import { cursorTo, placeOf } from './paging.wire.ts'

/** Whether what the API made is meant, as the first clients ask, and not all chats. A cursor stays with the list it was given for. */
export function isOlder(query: MessageQuery, agent: string | undefined): boolean {
  const { list } = placeOf(query)
  return list === undefined ? query.cursor !== undefined || /^blueticks-python\/[23]/.test(agent ?? '') : list === 'api'
}

/** A page of messages: of all chats or of one, or (`older`) what the API made. */
export async function listChatMessages(ctx: Context, query: MessageQuery, { older, publicUrl }: { older: boolean; publicUrl: string }) {
  const { skip } = placeOf(query)
  const { rows, total = 0 } = await listMessages(ctx, { ...searchOf(query, older), skip, withTotal: true })
  const around = await loadAround(ctx.db, ctx.workspaceId, rows, publicUrl)
  const cursorAt = (place: number) => cursorTo({ skip: place, list: older ? undefined : 'chats' })
  const shown = rows.map((message) => showChatMessage(message, around, ctx.now()))
  return page(shown, { limit: query.limit, skip, total, cursorAt })
}

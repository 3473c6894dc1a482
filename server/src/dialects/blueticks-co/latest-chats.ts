import { type Conversation, listConversations } from '#core/conversations'
import type { Context } from '#kit/context'
import { showChatMessage } from './chat-message.wire.ts'
import { showChat } from './chats.wire.ts'
import { loadAround } from './load-around.ts'
import { latestOf, namesOf } from './load-chats.ts'

type Wish = { numberOfChats: number; numberOfMessages: number }

/** The latest chats with their last messages, newest first. */
export async function latestChats(ctx: Context, { numberOfChats, numberOfMessages }: Wish, publicUrl: string) {
  const { chats, total } = await pickChats(ctx, numberOfChats)
  const names = await namesOf(ctx, chats)
  const latest = await latestOf(ctx, chats, Math.max(1, numberOfMessages))
  const around = await loadAround(ctx.db, ctx.workspaceId, [...latest.values()].flat(), publicUrl)
  const shown = chats.map((chat) => {
    const messages = latest.get(chat.id) ?? []
    const told = messages.slice(0, numberOfMessages).map((message) => showChatMessage(message, around, ctx.now()))
    return { ...showChat(chat, names.get(chat.id), messages[0]), messages: told }
  })
  return { chats: shown, totalChats: total, numberOfChats, numberOfMessages }
}

/** Pinned ones stand at the top, as on a phone. */
async function pickChats(ctx: Context, most: number): Promise<{ chats: Conversation[]; total: number }> {
  const list = (pinned: boolean) => listConversations(ctx, { archived: false, oneEach: true, pinned, limit: most, withTotal: true })
  const [top, rest] = [await list(true), await list(false)]
  return { chats: [...top.rows, ...rest.rows].slice(0, most), total: (top.total ?? 0) + (rest.total ?? 0) }
}

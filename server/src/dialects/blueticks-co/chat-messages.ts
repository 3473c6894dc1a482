import { z } from 'zod'
import { findConversation } from '#core/conversations'
import type { Door } from '#kit/door'
import { answerAck } from './answer-acks.ts'
import { One, one, PageOf } from './answers.wire.ts'
import { showChatMessage } from './chat-message.wire.ts'
import { OnChat } from './chats.wire.ts'
import { requireInChat } from './find-by-key.ts'
import { addressOf, chatIdOf } from './key.wire.ts'
import { listChatMessages } from './list-chat-messages.ts'
import { loadAround } from './load-around.ts'
import { HistoryWish, Reaction } from './message-actions.wire.ts'
import { fileUrl } from './message-parts.wire.ts'
import { ThreadSearch } from './message-search.wire.ts'
import { react } from './react.ts'
import { readHistory } from './read-history.ts'
import { readMedia } from './read-media.ts'
import { type App, about, addressOfUs, answers, sendAnswers } from './routes.ts'
import { readChats, writeChats } from './scopes.ts'
import { Key, LARGE_BODY, Recipient, StoredBody } from './send-body.wire.ts'
import { answerSend } from './send-message.ts'

const TAG = 'Chats'
const READ = 'chats:read'
const InChat = OnChat.extend({ key: Key })
const ONE = { params: InChat, response: answers(200, One) }

/** The messages of a chat where the first generation looks for them. */
export function chatMessageRoutes(app: App, door: Door): void {
  threadRoutes(app, door)
  messageRoutes(app, door)
}

function threadRoutes(app: App, door: Door): void {
  app.get(
    '/chats/:chatId/messages',
    {
      schema: {
        ...about(TAG, ['List the messages of a chat', 'As the first clients ask.'], READ),
        params: OnChat,
        querystring: ThreadSearch,
        response: answers(200, PageOf),
      },
    },
    async (request) => {
      const ctx = readChats(request.ctx)
      const { address } = await findConversation(ctx, { address: addressOf(request.params.chatId) })
      const { mode: _, ...search } = request.query
      const query = { ...search, chatId: chatIdOf(address) }
      return listChatMessages(ctx, query, { older: false, publicUrl: addressOfUs(door, request) })
    },
  )
  app.post(
    '/chats/:chatId/messages',
    {
      bodyLimit: LARGE_BODY,
      schema: {
        ...about(TAG, ['Send into a chat', 'As the clients of the first guide did.'], 'messages:write'),
        params: z.object({ chatId: Recipient }),
        body: StoredBody,
        response: sendAnswers,
      },
    },
    (request, reply) => answerSend(door, request, reply, { to: request.params.chatId, body: request.body }),
  )
  app.post(
    '/chats/:chatId/messages/load_older',
    {
      schema: {
        ...about(TAG, ['Load older messages', 'As the first clients ask.'], READ),
        params: OnChat,
        body: HistoryWish,
        response: answers(200, One),
      },
    },
    async ({ ctx, params }) => one(await readHistory(readChats(ctx), params.chatId)),
  )
}

function messageRoutes(app: App, door: Door): void {
  const single = (title: string) => ({ schema: { ...about(TAG, [title, 'As the first clients ask.'], READ), ...ONE } })
  app.get('/chats/:chatId/messages/:key', single('Get a message of a chat'), async (request) => {
    const ctx = readChats(request.ctx)
    const message = await requireInChat(ctx, request.params)
    return one(showChatMessage(message, await loadAround(ctx.db, ctx.workspaceId, [message], addressOfUs(door, request)), ctx.now()))
  })
  app.get('/chats/:chatId/messages/:key/ack', single('Get the ack of a message of a chat'), async ({ ctx, params }) =>
    answerAck(readChats(ctx), params.key, chatIdOf(addressOf(params.chatId))),
  )
  app.get('/chats/:chatId/messages/:key/media', single('Get the file of a message of a chat'), async (request) => {
    const ctx = readChats(request.ctx)
    return one(await readMedia(ctx, (await requireInChat(ctx, request.params)).id, { publicUrl: addressOfUs(door, request), atMostMs: 0 }))
  })
  app.get('/chats/:chatId/messages/:key/media_url', single('Get the address of a file of a chat'), async (request) => {
    const message = await requireInChat(readChats(request.ctx), request.params)
    return one({ url: fileUrl(message, { publicUrl: addressOfUs(door, request) }) })
  })
  app.post(
    '/chats/:chatId/messages/:key/reactions',
    { schema: { ...about(TAG, ['React to a message of a chat', 'As the first clients do.'], 'chats:write'), ...ONE, body: Reaction } },
    async (request) => react(door, request, await requireInChat(writeChats(request.ctx), request.params), request.body.emoji),
  )
}

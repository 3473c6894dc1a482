import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { findConversation } from '#core/conversations'
import { listPins, type Message, pinMessage, unpinMessage } from '#core/messages'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { One, one, PageOf, page } from './answers.wire.ts'
import { OnChat } from './chats.wire.ts'
import { requireByKey } from './find-by-key.ts'
import { addressOf } from './key.wire.ts'
import { HistoryWish, PinWish, Reaction, showPin } from './message-actions.wire.ts'
import { fileUrl } from './message-parts.wire.ts'
import { react } from './react.ts'
import { readHistory } from './read-history.ts'
import { type App, about, addressOfUs, answers } from './routes.ts'
import { readChats, writeChats } from './scopes.ts'
import { ChatId, Key, NoBody } from './send-body.wire.ts'

const TAG = 'Messages'
const READ = 'chats:read'
const WRITE = 'chats:write'
const ByKey = { params: z.object({ key: Key }), querystring: z.object({ chatId: ChatId.optional() }), response: answers(200, One) }

/** What one does to a message, and what else there is to know of a chat's messages. */
export function messageActionRoutes(app: App, door: Door): void {
  app.post(
    '/messages/reactions/:key',
    { schema: { ...about(TAG, ['React to a message', 'An empty emoji takes the reaction back.'], WRITE), ...ByKey, body: Reaction } },
    async (request) => react(door, request, await requireByKey(...named(request)), request.body.emoji),
  )
  pinRoutes(app, door)
  app.post(
    '/messages/load_older/:chatId',
    {
      schema: {
        ...about(TAG, ['Load older messages', 'What is here is all there is, and the answer tells how far back that goes.'], READ),
        params: OnChat,
        body: HistoryWish,
        response: answers(200, One),
      },
    },
    async ({ ctx, params }) => one(await readHistory(readChats(ctx), params.chatId)),
  )
  app.get(
    '/messages/media_url/:key',
    { schema: { ...about(TAG, ['Get the address of a file', 'Null when the message has none.'], READ), ...ByKey } },
    async (request) => {
      const message = await requireByKey(readChats(request.ctx), request.params.key, request.query.chatId)
      return one({ url: fileUrl(message, { publicUrl: addressOfUs(door, request) }) })
    },
  )
}

type Asked = Pick<FastifyRequest, 'ctx'> & { params: { key: string }; query: { chatId?: string | undefined } }

const named = ({ ctx, params, query }: Asked) => [writeChats(ctx), params.key, query.chatId] as const

function pinRoutes(app: App, door: Door): void {
  app.get(
    '/messages/pinned/:chatId',
    { schema: { ...about(TAG, ['List pinned messages', 'Of one chat.'], READ), params: OnChat, response: answers(200, PageOf) } },
    async ({ ctx: asker, params }) => {
      const ctx = readChats(asker)
      const { id } = await findConversation(ctx, { address: addressOf(params.chatId) })
      const rows = (await listPins(ctx, { conversationId: id })).map(showPin)
      return page(rows, { limit: rows.length, skip: 0, total: rows.length, cursorAt: String })
    },
  )
  app.post(
    '/messages/pin/:key',
    { schema: { ...about(TAG, ['Pin a message', 'For 7 days unless told otherwise.'], WRITE), ...ByKey, body: PinWish } },
    (request, reply) => {
      const seconds = request.body?.duration
      return onMessage(door, request, reply, (ctx, { id }) => pinMessage(ctx, { messageId: id, seconds }))
    },
  )
  app.post('/messages/unpin/:key', { schema: { ...about(TAG, ['Unpin a message'], WRITE), ...ByKey, body: NoBody } }, (request, reply) =>
    onMessage(door, request, reply, (ctx, { id }) => unpinMessage(ctx, { messageId: id })),
  )
}

/** Done ahead of the transaction that keeps the answer: a network is asked, and doing it twice is doing it once. */
function onMessage(
  door: Door,
  request: FastifyRequest & Asked,
  reply: FastifyReply,
  act: (ctx: Context, message: Message) => Promise<unknown>,
): Promise<unknown> {
  return door.once(request, reply, {
    before: async (ctx) => {
      const inside = writeChats(ctx)
      await act(inside, await requireByKey(inside, request.params.key, request.query.chatId))
      return async () => ({ status: 200, body: one({ ok: true }) })
    },
  })
}

import { z } from 'zod'
import { getMessage } from '#core/messages'
import type { Door } from '#kit/door'
import { answerAck, answerAcks } from './answer-acks.ts'
import { One, one, PageOf } from './answers.wire.ts'
import { showChatMessage } from './chat-message.wire.ts'
import { requireByKey } from './find-by-key.ts'
import { readId } from './ids.wire.ts'
import { isOlder, listChatMessages } from './list-chat-messages.ts'
import { loadAround } from './load-around.ts'
import { MessageSearch } from './message-search.wire.ts'
import { WholeOr } from './paging.wire.ts'
import { readMedia } from './read-media.ts'
import { readMultipart } from './read-multipart.ts'
import { type App, about, addressOfUs, answers, sendAnswers } from './routes.ts'
import { readChats } from './scopes.ts'
import { AddressedBody, ChatId, DirectBody, KEYS_EXAMPLE, Key, Keys, LARGE_BODY, Recipient } from './send-body.wire.ts'
import { answerSend } from './send-message.ts'
import { storedAnswer } from './stored-message.wire.ts'

const TAG = 'Messages'
const CHATS = 'chats:read'

const ByKey = { params: z.object({ key: Key }), querystring: z.object({ chatId: ChatId.optional() }), response: answers(200, One) }
const ATTEMPT_MS = 1_500
const MediaQuery = ByKey.querystring.extend({
  maxAttempts: WholeOr(6, 1, 10).describe(
    'Looks for a file that is still on its way, 1.5 seconds apart, 6 times when absent; 1: no waiting',
  ),
})
const Acks = Keys.extend({ chatId: ChatId.optional() }).meta({ example: KEYS_EXAMPLE })

export function messageRoutes(app: App, door: Door): void {
  sendingRoutes(app, door)
  listRoute(app, door)
  ackRoutes(app)
  singleRoutes(app, door)
}

function listRoute(app: App, door: Door): void {
  app.get(
    '/messages',
    {
      schema: {
        ...about(TAG, ['List messages', 'Of all chats, or of one.'], CHATS),
        querystring: MessageSearch,
        response: answers(200, PageOf),
      },
    },
    async (request) => {
      const older = isOlder(request.query, request.headers['user-agent'])
      const ctx = older ? request.ctx : readChats(request.ctx)
      return listChatMessages(ctx, request.query, { older, publicUrl: addressOfUs(door, request) })
    },
  )
}

function ackRoutes(app: App): void {
  app.get(
    '/messages/ack/:key',
    {
      schema: {
        ...about(TAG, ['Get an ack', "A message's receipts as a number: 1 sent, 2 delivered, 3 read, 4 played."], CHATS),
        ...ByKey,
      },
    },
    async ({ ctx, params, query }) => answerAck(readChats(ctx), params.key, query.chatId),
  )
  app.post(
    '/messages/acks',
    { schema: { ...about(TAG, ['Get many acks', 'Receipts of up to 200 messages.'], CHATS), body: Acks, response: answers(200, PageOf) } },
    async ({ ctx, body }) => answerAcks(readChats(ctx), body.messageKeys, body.chatId),
  )
}

function singleRoutes(app: App, door: Door): void {
  app.get(
    '/messages/media/:key',
    {
      schema: {
        ...about(TAG, ['Get a file', 'The file of a message; `mediaUnavailable` says why there is none.'], CHATS),
        ...ByKey,
        querystring: MediaQuery,
      },
    },
    async (request) => {
      const ctx = readChats(request.ctx)
      const { chatId, maxAttempts } = request.query
      const { id } = await requireByKey(ctx, request.params.key, chatId)
      return one(await readMedia(ctx, id, { publicUrl: addressOfUs(door, request), atMostMs: (maxAttempts - 1) * ATTEMPT_MS }))
    },
  )
  app.get(
    '/messages/:key',
    { schema: { ...about(TAG, ['Get a message', 'By its key, or by the id it is stored under.'], CHATS), ...ByKey } },
    async (request) => {
      const { ctx, params, query } = request
      const stored = readId('msg', params.key)
      const message =
        stored === undefined ? await requireByKey(readChats(ctx), params.key, query.chatId) : await getMessage(ctx, { messageId: stored })
      const around = await loadAround(ctx.db, ctx.workspaceId, [message], addressOfUs(door, request))
      return stored !== undefined && message.direction === 'out'
        ? storedAnswer(message, around, ctx.now())
        : one(showChatMessage(message, around, ctx.now()))
    },
  )
}

function sendingRoutes(app: App, door: Door): void {
  app.post(
    '/messages',
    {
      bodyLimit: LARGE_BODY,
      schema: {
        ...about(TAG, ['Send a message', 'As the first clients did; 409 while nothing is connected.'], 'messages:write'),
        body: AddressedBody,
        response: sendAnswers,
      },
    },
    (request, reply) => answerSend(door, request, reply, { to: undefined, body: request.body, noChannel: 'refuse' }),
  )
  app.post(
    '/messages/:chatId',
    {
      bodyLimit: LARGE_BODY,
      preValidation: readMultipart,
      schema: {
        ...about(TAG, ['Send to a chat', 'Sends now and answers with the outcome.'], 'messages:write'),
        params: z.object({ chatId: Recipient }),
        body: DirectBody,
        response: sendAnswers,
      },
    },
    (request, reply) => answerSend(door, request, reply, { to: request.params.chatId, body: request.body, direct: true }),
  )
}

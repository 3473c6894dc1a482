import { z } from 'zod'
import { getMessage, listMessages, type Message } from '#core/messages'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { invalidField, notFound } from '#kit/errors'
import { One, one, PageOf, page } from './answers.wire.ts'
import type { Around } from './around.ts'
import { ackOf, showChatMessage } from './chat-message.wire.ts'
import { findByKeys } from './find-by-key.ts'
import { readId } from './ids.wire.ts'
import { parseKey } from './key.wire.ts'
import { loadAround } from './load-around.ts'
import { fileUrl } from './message-parts.wire.ts'
import { type MessageQuery, MessageSearch, searchOf } from './message-search.wire.ts'
import { cursorTo, placeOf } from './paging.wire.ts'
import { readMedia } from './read-media.ts'
import { readMultipart } from './read-multipart.ts'
import { type App, about, addressOfUs, answers } from './routes.ts'
import { lend } from './scopes.ts'
import { AddressedBody, ChatId, DirectBody, LARGE_BODY, Recipient } from './send-body.wire.ts'
import { answerSend } from './send-message.ts'
import { storedAnswer } from './stored-message.wire.ts'

const TAG = 'Messages'
const CHATS = 'chats:read'

const Key = z.string().min(1).max(512).describe('true_14155551234@c.us_3EB0…, or the bare id with ?chatId')
const ByKey = { params: z.object({ key: Key }), querystring: z.object({ chatId: ChatId.optional() }), response: answers(200, One) }
const ATTEMPT_MS = 1_500
const MediaQuery = ByKey.querystring.extend({
  maxAttempts: z.coerce
    .number()
    .pipe(z.int().min(1).max(10))
    .default(6)
    .describe('Looks for a file that is still on its way, 1.5 seconds apart; 1: no waiting'),
})
const Acks = z
  .strictObject({ messageKeys: z.array(Key).min(1).max(200), chatId: ChatId.optional() })
  .meta({ example: { messageKeys: ['true_14155551234@c.us_3EB0A1B2C3D4'] } })

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
    async (request) =>
      listRows(request.ctx, request.query, { agent: request.headers['user-agent'], publicUrl: addressOfUs(door, request) }),
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
    async ({ ctx, params, query }) => {
      const [message] = await findByKeys(readChats(ctx), [{ text: params.key, chatId: query.chatId }])
      return one({ ack: message ? ackOf(message, ctx.now()) : null })
    },
  )
  app.post(
    '/messages/acks',
    { schema: { ...about(TAG, ['Get many acks', 'Receipts of up to 200 messages.'], CHATS), body: Acks, response: answers(200, PageOf) } },
    async ({ ctx, body }) => {
      const { messageKeys, chatId } = body
      const found = await findByKeys(
        readChats(ctx),
        messageKeys.map((text) => ({ text, chatId })),
      )
      const rows = messageKeys.map((key, i) => ({ key, ack: found[i] ? ackOf(found[i], ctx.now()) : null, found: found[i] !== undefined }))
      return page(rows, { limit: rows.length, skip: 0, total: rows.length, cursorAt: String })
    },
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
    '/messages/media_url/:key',
    { schema: { ...about(TAG, ["Get a file's address", 'Where the file of a message is fetched with the same key.'], CHATS), ...ByKey } },
    async (request) => {
      const message = await requireByKey(readChats(request.ctx), request.params.key, request.query.chatId)
      return one({ url: fileUrl(message, { publicUrl: addressOfUs(door, request) }) })
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
        response: answers(201, One),
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
        response: answers(201, One),
      },
    },
    (request, reply) => answerSend(door, request, reply, { to: request.params.chatId, body: request.body, direct: true }),
  )
}

const readChats = (ctx: Context): Context => lend(ctx, 'conversations:read', ['messages:read', 'media:read'])

async function requireByKey(ctx: Context, key: string, chatId: string | undefined): Promise<Message> {
  if (!parseKey(key) && chatId === undefined) throw invalidField('waMessageKey', 'must be a stored id or a whole key, or come with chatId')
  const [message] = await findByKeys(ctx, [{ text: key, chatId }])
  if (!message) throw notFound('message')
  return message
}

/** What the API made, as the first clients ask; all chats else. A cursor stays with the list it was given for. */
const isOlder = (list: string | undefined, cursor: string | undefined, agent: string | undefined): boolean =>
  list === undefined ? cursor !== undefined || /^blueticks-python\/[23]/.test(agent ?? '') : list === 'api'

async function listRows(asker: Context, query: MessageQuery, { agent, publicUrl }: { agent: string | undefined; publicUrl: string }) {
  const { list, skip } = placeOf(query)
  const older = isOlder(list, query.cursor, agent)
  const ctx = older ? asker : readChats(asker)
  const { rows, total = 0 } = await listMessages(ctx, { ...searchOf(query, older), skip, withTotal: true })
  const around = await loadAround(ctx.db, ctx.workspaceId, rows, publicUrl)
  const cursorAt = (place: number) => cursorTo({ skip: place, list: older ? undefined : 'chats' })
  return page(showRows(rows, around, ctx.now()), { limit: query.limit, skip, total, cursorAt })
}

const showRows = (rows: readonly Message[], around: Around, now: Date) => rows.map((message) => showChatMessage(message, around, now))

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  type Conversation,
  findConversation,
  listConversations,
  markConversationRead,
  openConversation,
  updateConversation,
} from '#core/conversations'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { answerAcks } from './answer-acks.ts'
import { One, one, PageOf, page } from './answers.wire.ts'
import { ChatSearch, chatFilter, LatestQuery, OnChat, ParticipantSearch, showParticipant } from './chats.wire.ts'
import { addressOf, chatIdOf } from './key.wire.ts'
import { latestChats } from './latest-chats.ts'
import { showChats } from './load-chats.ts'
import { cursorTo, placeOf } from './paging.wire.ts'
import { matching, participantsOf } from './participants.ts'
import { type App, about, addressOfUs, answers } from './routes.ts'
import { readChats, writeChats } from './scopes.ts'
import { wordsAsked } from './search-words.wire.ts'
import { Keys, NoBody, Recipient } from './send-body.wire.ts'

const TAG = 'Chats'
const READ = 'chats:read'
const WRITE = 'chats:write'
const ONE = { params: OnChat, response: answers(200, One) }
const OK = { status: 200, body: one({ ok: true }) }

const cursorAt = (skip: number) => cursorTo({ skip, list: undefined })

export function chatRoutes(app: App, door: Door): void {
  readingRoutes(app)
  latestRoute(app, door)
  deedRoutes(app, door)
}

function readingRoutes(app: App): void {
  app.get(
    '/chats',
    {
      schema: {
        ...about(TAG, ['List chats', 'The one with the latest message first; archived ones when asked for.'], READ),
        querystring: ChatSearch,
        response: answers(200, PageOf),
      },
    },
    async ({ ctx: asker, query }) => {
      const ctx = readChats(asker)
      const { skip } = placeOf(query)
      const { rows, total = 0 } = await listConversations(ctx, { ...chatFilter(query), skip })
      return page(await showChats(ctx, rows), { limit: query.limit, skip, total, cursorAt })
    },
  )
  app.get('/chats/:chatId', { schema: { ...about(TAG, ['Get a chat'], READ), ...ONE } }, async ({ ctx: asker, params }) => {
    const ctx = readChats(asker)
    const [shown] = await showChats(ctx, [await findChat(ctx, params.chatId)])
    return one(shown ?? {})
  })
  app.get(
    '/chats/:chatId/participants',
    {
      schema: {
        ...about(TAG, ['List participants', 'Of a group; a person is the only one of his chat.'], READ),
        params: OnChat,
        querystring: ParticipantSearch,
        response: answers(200, PageOf),
      },
    },
    async ({ ctx: asker, params, query }) => {
      const ctx = readChats(asker)
      const { limit } = query
      const { skip } = placeOf(query)
      const people = matching(await participantsOf(ctx, addressOf(params.chatId)), wordsAsked(query))
      return page(people.slice(skip, skip + limit).map(showParticipant), { limit, skip, total: people.length, cursorAt })
    },
  )
}

function latestRoute(app: App, door: Door): void {
  app.get(
    '/latest-chats',
    {
      schema: {
        ...about(TAG, ['List the latest chats', 'With their last messages; pinned chats first, archived ones left out.'], READ),
        querystring: LatestQuery,
        response: answers(200, One),
      },
    },
    async (request) => one(await latestChats(readChats(request.ctx), request.query, addressOfUs(door, request))),
  )
}

type Deed = { title: readonly [title: string, does?: string]; act(ctx: Context, chat: Conversation): Promise<unknown> }

/** What one does to a chat, by the last part of its path. */
const DEEDS: Readonly<Record<string, Deed>> = {
  mark_read: {
    title: ['Mark as read', 'Here, and on the phone of the person.'],
    act: (ctx, { id }) => markConversationRead(ctx, { conversationId: id }),
  },
  archive: { title: ['Archive a chat'], act: (ctx, { id }) => updateConversation(ctx, { conversationId: id, archived: true }) },
  unarchive: { title: ['Unarchive a chat'], act: (ctx, { id }) => updateConversation(ctx, { conversationId: id, archived: false }) },
}

function deedRoutes(app: App, door: Door): void {
  for (const [word, { title, act }] of Object.entries(DEEDS))
    app.post(`/chats/:chatId/${word}`, { schema: { ...about(TAG, title, WRITE), ...ONE, body: NoBody } }, (request, reply) => {
      writeChats(request.ctx)
      return door.once(request, reply, async (inside) => {
        const ctx = writeChats(inside)
        await act(ctx, await findChat(ctx, request.params.chatId))
        return OK
      })
    })
  app.post(
    '/chats/:chatId/open',
    {
      schema: {
        ...about(TAG, ['Open a chat', 'Makes it when there is none; nothing is sent.'], WRITE),
        params: z.object({ chatId: Recipient }),
        body: NoBody,
        response: answers(200, One),
      },
    },
    (request, reply) => open(door, request, reply, request.params.chatId),
  )
  app.post(
    '/chats/message_acks',
    {
      schema: {
        ...about(TAG, ['Get many acks', 'As the first clients ask.'], READ),
        body: Keys,
        response: answers(200, PageOf),
      },
    },
    async ({ ctx, body }) => answerAcks(readChats(ctx), body.messageKeys, undefined),
  )
}

const findChat = (ctx: Context, chatId: string): Promise<Conversation> => findConversation(ctx, { address: addressOf(chatId) })

/** Made ahead of the transaction that keeps the answer: who is where is known to all by a transaction of its own. */
function open(door: Door, request: FastifyRequest, reply: FastifyReply, chatId: string): Promise<unknown> {
  return door.once(request, reply, {
    before: async (ctx) => {
      const { address } = await openConversation(writeChats(ctx), { to: addressOf(chatId), persona: 'own_number' })
      return async () => ({ status: 200, body: one({ chatId: chatIdOf(address) }) })
    },
  })
}

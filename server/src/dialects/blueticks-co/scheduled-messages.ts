import { z } from 'zod'
import { cancelMessage, editWaiting, getMessage, isMadeHere, listMessages, type MadeMessage, type OutgoingMessage } from '#core/messages'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { DomainError, type ErrorCode, notFound } from '#kit/errors'
import { One, one, PageOf, page } from './answers.wire.ts'
import { mediaIdIn } from './around.ts'
import { HORIZON } from './door.ts'
import { replyTarget } from './find-by-key.ts'
import { Path, showId } from './ids.wire.ts'
import { addressOf } from './key.wire.ts'
import { loadAround } from './load-around.ts'
import { cursorTo, Order, Paging, placeOf } from './paging.wire.ts'
import { orDrop } from './prepare-content.ts'
import { prepareEdit } from './prepare-edit.ts'
import { readMultipart } from './read-multipart.ts'
import { type App, about, addressOfUs, answers, sendAnswers } from './routes.ts'
import { lend } from './scopes.ts'
import { searchBy, wordsAsked } from './search-words.wire.ts'
import { AddressedBody, EditBody, LARGE_BODY, Recipient, SendableChatId, StoredBody } from './send-body.wire.ts'
import { answerSend } from './send-message.ts'
import { KEPT_STATES, STATES_OF, STATUS_WORDS } from './states.wire.ts'
import { showStored, storedAnswer } from './stored-message.wire.ts'

const TAG = 'Scheduled messages'
const READ = 'messages:read'
const WRITE = 'messages:write'

const Query = z.object({
  ...Paging,
  order: Order,
  chatId: SendableChatId.optional(),
  ...searchBy(z.string().min(1).max(200).optional()),
  status: z.enum(STATUS_WORDS).optional().describe('A word of either generation'),
})

export function scheduledMessageRoutes(app: App, door: Door): void {
  const stored = { bodyLimit: LARGE_BODY, preValidation: readMultipart }
  app.post(
    '/scheduled-messages',
    {
      bodyLimit: LARGE_BODY,
      schema: {
        ...about(TAG, ['Make a message', 'Sent now or later, the recipient in the body.'], WRITE),
        body: AddressedBody,
        response: sendAnswers,
      },
    },
    (request, reply) => answerSend(door, request, reply, { to: undefined, body: request.body }),
  )
  app.post(
    '/scheduled-messages/:chatId',
    {
      ...stored,
      schema: {
        ...about(TAG, ['Make a message for a chat', 'Sent now or later.'], WRITE),
        params: z.object({ chatId: Recipient }),
        body: StoredBody,
        response: sendAnswers,
      },
    },
    (request, reply) => answerSend(door, request, reply, { to: request.params.chatId, body: request.body }),
  )
  app.get(
    '/scheduled-messages',
    { schema: { ...about(TAG, ['List messages', 'Newest first.'], READ), querystring: Query, response: answers(200, PageOf) } },
    async (request) => listStored(request.ctx, request.query, addressOfUs(door, request)),
  )
  singleRoutes(app, door)
}

function singleRoutes(app: App, door: Door): void {
  const one200 = { params: Path('msg'), response: answers(200, One) }
  app.get('/scheduled-messages/:id', { schema: { ...about(TAG, ['Get a message'], READ), ...one200 } }, async (request) => {
    const { ctx } = request
    return answer(ctx, await requireStored(ctx, request.params.id), addressOfUs(door, request))
  })
  app.patch(
    '/scheduled-messages/:id',
    { bodyLimit: LARGE_BODY, schema: { ...about(TAG, ['Change a message', 'One that still waits.'], WRITE), ...one200, body: EditBody } },
    async (request) => {
      const ctx = lend(request.ctx, WRITE, [READ, 'media:write'])
      const message = await requireStored(ctx, request.params.id)
      if (message.state !== 'scheduled') throw dispatched(message)
      return answer(ctx, await edit(ctx, message, request.body), addressOfUs(door, request))
    },
  )
  app.delete(
    '/scheduled-messages/:id',
    { schema: { ...about(TAG, ['Delete a message', 'Takes it back before it is sent.'], WRITE), ...one200 } },
    async ({ ctx: asker, params }) => {
      const ctx = lend(asker, WRITE, [READ])
      const message = await requireStored(ctx, params.id)
      await cancelMessage(ctx, { messageId: message.id }).catch(conflictAs('not_found'))
      return one({ id: showId('msg', message.id), deleted: true })
    },
  )
}

async function listStored(ctx: Context, query: z.output<typeof Query>, publicUrl: string) {
  const { limit, order, chatId, status } = query
  const { skip } = placeOf(query)
  const { rows, total = 0 } = await listMessages(ctx, {
    direction: 'out',
    origins: ['api', 'inbox'], // direct sends are told by GET /v1/messages
    states: status === undefined ? [...KEPT_STATES] : [...STATES_OF[status]],
    address: chatId && addressOf(chatId),
    search: wordsAsked(query),
    order,
    limit,
    skip,
    withTotal: true,
  })
  const messages = rows.filter((message): message is OutgoingMessage => message.direction === 'out')
  const around = await loadAround(ctx.db, ctx.workspaceId, messages, publicUrl)
  const shown = messages.map((message) => showStored(message, around, ctx.now()))
  return page(shown, { limit, skip, total, cursorAt: (place) => cursorTo({ skip: place, list: undefined }) })
}

const answer = async (ctx: Context, message: OutgoingMessage, publicUrl: string) =>
  storedAnswer(message, await loadAround(ctx.db, ctx.workspaceId, [message], publicUrl), ctx.now())

/** What was deleted, what was sent directly or written on the phone and what was received is not here. */
async function requireStored(ctx: Context, messageId: string): Promise<MadeMessage> {
  const message = await getMessage(ctx, { messageId })
  if (!isMadeHere(message) || message.origin === 'direct' || message.state === 'cancelled') throw notFound('message')
  return message
}

async function edit(ctx: Context, message: MadeMessage, body: EditBody): Promise<OutgoingMessage> {
  const replyTo = body.replyTo === '' ? null : await replyTarget(ctx, body.replyTo)
  const content = await prepareEdit(ctx, message, body)
  const { sendAt, secret: tag } = body
  const fresh = content && 'mediaId' in content && content.mediaId !== mediaIdIn(message) ? content.mediaId : undefined
  return orDrop(ctx, fresh, () =>
    editWaiting(ctx, { messageId: message.id, content, sendAt, tag, replyTo, horizon: HORIZON }).catch(conflictAs('invalid')),
  )
}

const dispatched = ({ state }: OutgoingMessage) => new DomainError('invalid', `A ${state} message cannot be edited`)

/** Too late is no conflict at this door. */
const conflictAs =
  (code: ErrorCode) =>
  (error: unknown): never => {
    throw error instanceof DomainError && error.code === 'conflict' ? new DomainError(code, error.message) : error
  }

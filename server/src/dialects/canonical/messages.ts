import { cancelMessage, editMessage, getMessage, listMessages, revokeMessage, sendMessage, sendMessages } from '#core/messages'
import { ahead, type Door } from '#kit/door'
import { answerSend } from './answer-send.ts'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import {
  contentOf,
  LARGE_BODY,
  MessageEdit,
  MessageList,
  MessageQuery,
  NewMessage,
  OURS,
  ShownMessage,
  showMessage,
} from './messages.wire.ts'
import { BulkAnswer, BulkBody, joinBulk, prepareBulk, rightOnes } from './messages-bulk.wire.ts'
import { type App, about, answers } from './routes.ts'
import { storeSources } from './store-sources.ts'

const TAG = 'Messages'

export function messageRoutes(app: App, door: Door): void {
  sendingRoutes(app, door)
  const one = { params: Path('msg'), response: answers(200, ShownMessage) }
  app.get(
    '/messages',
    { schema: { ...about(TAG, listMessages, 'List messages'), querystring: MessageQuery, response: answers(200, MessageList) } },
    async ({ ctx, query }) => {
      const { state, ...filter } = query
      return showList(await listMessages(ctx, { ...filter, states: state }), (message) => showMessage(message, ctx.now()))
    },
  )
  app.get('/messages/:id', { schema: { ...about(TAG, getMessage, 'Get a message'), ...one } }, async ({ ctx, params }) =>
    showMessage(await getMessage(ctx, { messageId: params.id }), ctx.now()),
  )
  app.patch(
    '/messages/:id',
    { bodyLimit: LARGE_BODY, schema: { ...about(TAG, editMessage, 'Change a message'), ...one, body: MessageEdit } },
    async ({ ctx, params, body }) => {
      const { text, content, ...edit } = body
      const said = text === undefined && content === undefined ? undefined : await storeSources(ctx, contentOf({ text, content }))
      return showMessage(await editMessage(ctx, { ...edit, messageId: params.id, content: said }), ctx.now())
    },
  )
  app.post('/messages/:id/cancel', { schema: { ...about(TAG, cancelMessage, 'Cancel a message'), ...one } }, (request, reply) =>
    door.once(request, reply, async (ctx) => ({
      status: 200,
      body: showMessage(await cancelMessage(ctx, { messageId: request.params.id }), ctx.now()),
    })),
  )
  app.post('/messages/:id/revoke', { schema: { ...about(TAG, revokeMessage, 'Take a message back'), ...one } }, (request, reply) =>
    door.once(
      request,
      reply,
      ahead(async (ctx) => ({
        status: 200,
        body: showMessage(await revokeMessage(ctx, { messageId: request.params.id }), ctx.now()),
      })),
    ),
  )
  app.delete(
    '/messages/:id',
    { schema: { ...about(TAG, cancelMessage, 'Delete a message', 'messages.delete'), ...one } },
    async ({ ctx, params }) => showMessage(await cancelMessage(ctx, { messageId: params.id }), ctx.now()),
  )
}

function sendingRoutes(app: App, door: Door): void {
  app.post(
    '/messages',
    {
      bodyLimit: LARGE_BODY,
      schema: { ...about(TAG, sendMessage, 'Send a message'), body: NewMessage, response: answers(201, ShownMessage) },
    },
    (request, reply) => {
      const { text, content, ...rest } = request.body
      return answerSend(door, { request, reply, said: { text, content }, input: { ...rest, ...OURS } })
    },
  )
  app.post(
    '/messages/bulk',
    {
      bodyLimit: LARGE_BODY,
      schema: { ...about(TAG, sendMessages, 'Send many messages'), body: BulkBody, response: answers(200, BulkAnswer) },
    },
    async (request, reply) => {
      const { ctx, body } = request
      const idempotency = door.idempotency(request)
      const items = await prepareBulk(body.messages, (content) => storeSources(ctx, content))
      const right = rightOnes(items)
      const { results, replayed } =
        right.length > 0 ? await sendMessages(ctx, { messages: right, idempotency }) : { results: [], replayed: false }
      if (replayed) reply.header('Idempotent-Replayed', 'true')
      return reply.send(joinBulk(items, results, ctx.now()))
    },
  )
}

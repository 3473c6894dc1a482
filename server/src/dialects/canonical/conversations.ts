import { getConversation, listConversations, markConversationRead } from '#core/conversations'
import { listMessages, sendMessage } from '#core/messages'
import type { Door } from '#kit/door'
import { answerSend } from './answer-send.ts'
import { ConversationList, ConversationQuery, ShownConversation, showConversation } from './conversations.wire.ts'
import { Path } from './ids.wire.ts'
import { showList } from './lists.wire.ts'
import { ConversationMessages, LARGE_BODY, MessageList, OURS, Reply, ShownMessage, showMessage } from './messages.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Conversations'

export function conversationRoutes(app: App, door: Door): void {
  const one = { params: Path('cnv'), response: answers(200, ShownConversation) }
  app.get(
    '/conversations',
    {
      schema: {
        ...about(TAG, listConversations, 'List conversations'),
        querystring: ConversationQuery,
        response: answers(200, ConversationList),
      },
    },
    async ({ ctx, query }) => showList(await listConversations(ctx, query), (conversation) => showConversation(conversation, ctx.now())),
  )
  app.get('/conversations/:id', { schema: { ...about(TAG, getConversation, 'Get a conversation'), ...one } }, async ({ ctx, params }) =>
    showConversation(await getConversation(ctx, { conversationId: params.id }), ctx.now()),
  )
  app.post('/conversations/:id/read', { schema: { ...about(TAG, markConversationRead, 'Mark as read'), ...one } }, (request, reply) =>
    door.once(request, reply, async (ctx) => ({
      status: 200,
      body: showConversation(await markConversationRead(ctx, { conversationId: request.params.id }), ctx.now()),
    })),
  )
  threadRoutes(app, door)
}

/** The messages of one conversation, and an answer into it. */
function threadRoutes(app: App, door: Door): void {
  const params = Path('cnv')
  app.get(
    '/conversations/:id/messages',
    {
      schema: {
        ...about(TAG, listMessages, 'List its messages', 'conversations.messages.list'),
        params,
        querystring: ConversationMessages,
        response: answers(200, MessageList),
      },
    },
    async ({ ctx, params, query }) => {
      const { id } = await getConversation(ctx, { conversationId: params.id })
      return showList(await listMessages(ctx, { ...query, conversationId: id }), (message) => showMessage(message, ctx.now()))
    },
  )
  app.post(
    '/conversations/:id/messages',
    {
      bodyLimit: LARGE_BODY,
      schema: {
        ...about(TAG, sendMessage, 'Send into a conversation', 'conversations.send'),
        params,
        body: Reply,
        response: answers(201, ShownMessage),
      },
    },
    async (request, reply) => {
      const { channelId, address } = await getConversation(request.ctx, { conversationId: request.params.id })
      const { text, content, ...rest } = request.body
      return answerSend(door, { request, reply, said: { text, content }, input: { ...rest, ...OURS, channelId, to: address } })
    },
  )
}

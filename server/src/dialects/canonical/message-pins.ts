import { getConversation } from '#core/conversations'
import { listPins, pinMessage, unpinMessage } from '#core/messages'
import type { Door } from '#kit/door'
import { Path } from './ids.wire.ts'
import { PinWish, ShownPin, ShownPins, showPin } from './message-pins.wire.ts'
import { ShownMessage, showMessage } from './messages.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Messages'

/** A network is asked ahead of the transaction that keeps the answer; doing it twice is doing it once. */
export function messagePinRoutes(app: App, door: Door): void {
  app.get(
    '/conversations/:id/pins',
    { schema: { ...about(TAG, listPins, 'List its pins'), params: Path('cnv'), response: answers(200, ShownPins) } },
    async ({ ctx, params }) => {
      const { id } = await getConversation(ctx, { conversationId: params.id })
      return { data: (await listPins(ctx, { conversationId: id })).map((pin) => showPin(pin, ctx.now())) }
    },
  )
  app.post(
    '/messages/:id/pin',
    { schema: { ...about(TAG, pinMessage, 'Pin a message'), params: Path('msg'), body: PinWish, response: answers(200, ShownPin) } },
    (request, reply) =>
      door.once(request, reply, {
        before: async (ctx) => {
          const pin = await pinMessage(ctx, { messageId: request.params.id, seconds: request.body?.seconds })
          return async () => ({ status: 200, body: showPin(pin, ctx.now()) })
        },
      }),
  )
  app.post(
    '/messages/:id/unpin',
    { schema: { ...about(TAG, unpinMessage, 'Unpin a message'), params: Path('msg'), response: answers(200, ShownMessage) } },
    (request, reply) =>
      door.once(request, reply, {
        before: async (ctx) => {
          const message = await unpinMessage(ctx, { messageId: request.params.id })
          return async () => ({ status: 200, body: showMessage(message, ctx.now()) })
        },
      }),
  )
}

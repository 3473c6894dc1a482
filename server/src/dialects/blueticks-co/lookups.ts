import { z } from 'zod'
import { getPicture, validatePhone } from '#core/contacts'
import { previewLink } from '#core/links'
import type { Door } from '#kit/door'
import { One, one } from './answers.wire.ts'
import { ChatAddress, Link, PhoneOrChatId, showValidation } from './lookups.wire.ts'
import { showPreview } from './message-parts.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Lookups'
const READ = 'contacts:read'

/** What one can ask about somebody, or about a page. */
export function lookupRoutes(app: App, door: Door): void {
  app.post(
    '/utils/validate_phone',
    {
      schema: {
        ...about(TAG, ['Validate a phone number', 'Whether messages can go there.'], READ),
        body: PhoneOrChatId,
        response: answers(200, One),
      },
    },
    (request, reply) =>
      door.once(request, reply, {
        before: async (ctx) => {
          const body = one(showValidation(await validatePhone(ctx, { phone: request.body.phoneOrChatId })))
          return async () => ({ status: 200, body })
        },
      }),
  )
  app.get(
    '/utils/link_preview',
    {
      schema: {
        ...about(TAG, ['Preview a link', 'What a page says of itself; nulls when it is none or does not answer.'], 'messages:read'),
        querystring: Link,
        response: answers(200, One),
      },
    },
    async ({ ctx, query }) => one(showPreview(await previewLink(ctx, query))),
  )
  app.get(
    '/contacts/:chatId/profile_picture',
    {
      schema: {
        ...about(TAG, ['Get a profile picture', 'Its address; null when there is none, or the channel cannot ask.'], READ),
        params: z.object({ chatId: ChatAddress }),
        response: answers(200, One),
      },
    },
    async ({ ctx, params }) => one({ url: (await getPicture(ctx, { to: params.chatId })) ?? null }),
  )
}

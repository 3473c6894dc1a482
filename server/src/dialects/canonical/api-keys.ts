import { z } from 'zod'
import { createKey, listKeys, revokeKey } from '#core/keys'
import type { Door } from '#kit/door'
import { KeyList, MadeKey, NewKey, ShownKey, showKey } from './api-keys.wire.ts'
import { Path } from './ids.wire.ts'
import { Paging, showList } from './lists.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'API keys'

export function apiKeyRoutes(app: App, door: Door): void {
  app.get(
    '/api-keys',
    { schema: { ...about(TAG, listKeys, 'List API keys'), querystring: z.strictObject(Paging), response: answers(200, KeyList) } },
    async (request) => showList(await listKeys(request.ctx, request.query), showKey),
  )
  app.post(
    '/api-keys',
    { schema: { ...about(TAG, createKey, 'Make an API key'), body: NewKey, response: answers(201, MadeKey) } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => {
        const { key, secret } = await createKey(ctx, request.body)
        return { status: 201, body: { ...showKey(key), secret } }
      }),
  )
  app.delete(
    '/api-keys/:id',
    { schema: { ...about(TAG, revokeKey, 'Revoke an API key'), params: Path('key'), response: answers(200, ShownKey) } },
    async (request) => showKey(await revokeKey(request.ctx, { keyId: request.params.id })),
  )
}

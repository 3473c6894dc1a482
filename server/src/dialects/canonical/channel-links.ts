import { getChannelLink, requestPairingCode } from '#core/channels'
import { ahead, type Door } from '#kit/door'
import { PairingPhone, ShownLink, showLink } from './channel-links.wire.ts'
import { Path } from './ids.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Channels'
/** How long a caller may wait for WhatsApp to know the letters. */
const AT_MOST_MS = 8_000
/** Whoever sees it can link a phone of his own. */
const SECRET = { 'Cache-Control': 'no-store' }

/** Linking an own number by its phone. */
export function channelLinkRoutes(app: App, door: Door): void {
  const one = { params: Path('cha'), response: answers(200, ShownLink) }
  app.get('/channels/:id/qr', { schema: { ...about(TAG, getChannelLink, 'Get the QR'), ...one } }, async ({ ctx, params }, reply) => {
    reply.headers(SECRET)
    return showLink(await getChannelLink(ctx, { channelId: params.id }))
  })
  app.post(
    '/channels/:id/pairing-code',
    { schema: { ...about(TAG, requestPairingCode, 'Ask for a pairing code'), ...one, body: PairingPhone } },
    (request, reply) => {
      const wish = { channelId: request.params.id, phone: request.body.phone, atMostMs: AT_MOST_MS }
      reply.headers(SECRET)
      return door.once(
        request,
        reply,
        ahead(async (ctx) => ({ status: 200, body: await showLink(await requestPairingCode(ctx, wish)) })),
      )
    },
  )
}

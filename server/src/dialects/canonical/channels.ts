import { z } from 'zod'
import {
  type Channel,
  createChannel,
  deleteChannel,
  getChannel,
  linkChannel,
  listChannels,
  logoutChannel,
  pauseChannel,
  reloadChannel,
  resumeChannel,
  resumeCold,
  testChannel,
  updateChannel,
} from '#core/channels'
import type { Door } from '#kit/door'
import { ChannelEdit, ChannelList, NewChannel, ShownChannel, ShownTest, showChannel, showTest } from './channels.wire.ts'
import { Path } from './ids.wire.ts'
import { Paging, showList } from './lists.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Channels'

export function channelRoutes(app: App, door: Door): void {
  const show = (channel: Channel) => showChannel(channel, door.publicUrl)
  const one = { params: Path('cha'), response: answers(200, ShownChannel) }
  app.get(
    '/channels',
    { schema: { ...about(TAG, listChannels, 'List channels'), querystring: z.strictObject(Paging), response: answers(200, ChannelList) } },
    async ({ ctx, query }) => showList(await listChannels(ctx, query), show),
  )
  app.post(
    '/channels',
    { schema: { ...about(TAG, createChannel, 'Connect a channel'), body: NewChannel, response: answers(201, ShownChannel) } },
    (request, reply) => door.once(request, reply, async (ctx) => ({ status: 201, body: show(await createChannel(ctx, request.body)) })),
  )
  app.get('/channels/:id', { schema: { ...about(TAG, getChannel, 'Get a channel'), ...one } }, async ({ ctx, params }) =>
    show(await getChannel(ctx, { channelId: params.id })),
  )
  app.patch(
    '/channels/:id',
    { schema: { ...about(TAG, updateChannel, 'Change a channel'), ...one, body: ChannelEdit } },
    async ({ ctx, params, body }) => show(await updateChannel(ctx, { ...body, channelId: params.id })),
  )
  app.delete(
    '/channels/:id',
    { schema: { ...about(TAG, deleteChannel, 'Disconnect a channel'), params: Path('cha'), response: answers(204, z.null()) } },
    async ({ ctx, params }, reply) => {
      await deleteChannel(ctx, { channelId: params.id })
      return reply.code(204).send()
    },
  )
  // asks the network, which may take its time: no transaction is held, so it is not run under an Idempotency-Key; it changes nothing by being repeated
  app.post(
    '/channels/:id/test',
    { schema: { ...about(TAG, testChannel, 'Test a channel'), params: Path('cha'), response: answers(200, ShownTest) } },
    async ({ ctx, params }) => showTest(door.publicUrl, await testChannel(ctx, { channelId: params.id })),
  )
  for (const [word, verb, title] of [
    ['pause', pauseChannel, 'Pause a channel'],
    ['resume', resumeChannel, 'Resume a channel'],
    ['logout', logoutChannel, 'Log a channel out'],
    ['reload', reloadChannel, 'Reload a channel'],
    ['relink', linkChannel, 'Link a channel again'],
    ['cold/resume', resumeCold, 'Write to new people again'],
  ] as const) {
    app.post(`/channels/:id/${word}`, { schema: { ...about(TAG, verb, title), ...one } }, (request, reply) =>
      door.once(request, reply, async (ctx) => ({ status: 200, body: show(await verb(ctx, { channelId: request.params.id })) })),
    )
  }
}

import { z } from 'zod'
import { clearFaults, getPhoneChat, listFaults, listPhones, replyFromPhone, setFault } from '#core/simulators'
import type { Door } from '#kit/door'
import { LARGE_BODY } from './messages.wire.ts'
import { type App, about, answers } from './routes.ts'
import {
  FaultPath,
  NewFault,
  OnChannel,
  OnPhone,
  PhoneReaction,
  PhoneWords,
  ShownChat,
  ShownFault,
  ShownFaults,
  ShownPhones,
  ShownWords,
  showChat,
  showFault,
  showPhone,
  showWords,
} from './simulator.wire.ts'

const TAG = 'Simulator'

/** Test workspaces only: what the phones of the simulated network show and do. */
export function simulatorRoutes(app: App, door: Door): void {
  app.get(
    '/simulator/phones',
    { schema: { ...about(TAG, listPhones, 'List phones'), querystring: OnChannel, response: answers(200, ShownPhones) } },
    async ({ ctx, query }) => ({
      data: (await listPhones(ctx, query)).map(showPhone),
    }),
  )
  const chat = { params: OnPhone, querystring: OnChannel, response: answers(200, ShownChat) }
  app.get(
    '/simulator/phones/:phone',
    { schema: { ...about(TAG, getPhoneChat, 'Look at a phone'), ...chat } },
    async ({ ctx, params, query }) => showChat(await getPhoneChat(ctx, { ...params, ...query })),
  )
  actingRoutes(app, door)
  faultRoutes(app, door)
}

/** What a person does with a phone. */
function actingRoutes(app: App, door: Door): void {
  const does = (title: string, id: string) => ({
    ...about(TAG, replyFromPhone, title, id),
    params: OnPhone,
    response: answers(201, ShownWords),
  })
  app.post(
    '/simulator/phones/:phone/messages',
    { bodyLimit: LARGE_BODY, schema: { ...does('Write from a phone', 'simulator.write'), body: PhoneWords } },
    (request, reply) => {
      const { channelId, ...said } = request.body
      return door.once(request, reply, async (ctx) => ({
        status: 201,
        body: showWords(await replyFromPhone(ctx, { ...request.params, channelId, said: { do: 'write', ...said } })),
      }))
    },
  )
  app.post(
    '/simulator/phones/:phone/reactions',
    { schema: { ...does('React from a phone', 'simulator.react'), body: PhoneReaction } },
    (request, reply) => {
      const { channelId, wireId, emoji } = request.body
      return door.once(request, reply, async (ctx) => ({
        status: 201,
        body: showWords(await replyFromPhone(ctx, { ...request.params, channelId, said: { do: 'react', to: wireId, emoji } })),
      }))
    },
  )
  app.post(
    '/simulator/phones/:phone/read',
    { schema: { ...does('Read on a phone', 'simulator.read'), body: OnChannel.nullish() } },
    (request, reply) =>
      door.once(request, reply, async (ctx) => ({
        status: 201,
        body: showWords(await replyFromPhone(ctx, { ...request.params, ...request.body, said: { do: 'read' } })),
      })),
  )
}

function faultRoutes(app: App, door: Door): void {
  app.get(
    '/simulator/faults',
    { schema: { ...about(TAG, listFaults, 'List faults'), response: answers(200, ShownFaults) } },
    async ({ ctx }) => ({
      data: (await listFaults(ctx, {})).map(showFault),
    }),
  )
  app.post(
    '/simulator/faults',
    { schema: { ...about(TAG, setFault, 'Set a fault'), body: NewFault, response: answers(201, ShownFault) } },
    (request, reply) => door.once(request, reply, async (ctx) => ({ status: 201, body: showFault(await setFault(ctx, request.body)) })),
  )
  app.delete(
    '/simulator/faults',
    { schema: { ...about(TAG, clearFaults, 'Clear all faults'), response: answers(204, z.null()) } },
    async ({ ctx }, reply) => {
      await clearFaults(ctx, {})
      return reply.code(204).send()
    },
  )
  app.delete(
    '/simulator/faults/:fault',
    {
      schema: { ...about(TAG, clearFaults, 'Clear a fault', 'simulator.clear-fault'), params: FaultPath, response: answers(204, z.null()) },
    },
    async ({ ctx, params }, reply) => {
      await clearFaults(ctx, { faultId: params.fault })
      return reply.code(204).send()
    },
  )
}

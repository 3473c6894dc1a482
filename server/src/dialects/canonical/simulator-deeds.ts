import { replyFromPhone } from '#core/simulators'
import type { Door } from '#kit/door'
import { type App, about, answers } from './routes.ts'
import { OnPhone, PhoneEdit, PhonePin, PhoneReaction, PhoneRevoke, PhoneVote, ShownWords, showWords } from './simulator.wire.ts'

/** What a phone does to a bubble: the last part of the path, what it is called, what it takes. */
const DEEDS = [
  { path: 'reactions', act: 'react', title: 'React from a phone', body: PhoneReaction },
  { path: 'votes', act: 'vote', title: 'Vote from a phone', body: PhoneVote },
  { path: 'edits', act: 'edit', title: 'Edit from a phone', body: PhoneEdit },
  { path: 'revocations', act: 'revoke', title: 'Take back from a phone', body: PhoneRevoke },
  { path: 'pins', act: 'pin', title: 'Pin from a phone', body: PhonePin },
] as const

export function simulatorDeedRoutes(app: App, door: Door): void {
  for (const { path, act, title, body } of DEEDS)
    app.post(
      `/simulator/phones/:phone/${path}`,
      {
        schema: {
          ...about('Simulator', replyFromPhone, title, `simulator.${act}`),
          params: OnPhone,
          body,
          response: answers(201, ShownWords),
        },
      },
      (request, reply) => {
        const { channelId, wireId, ...rest } = request.body
        const said = { do: act, to: wireId, ...rest } as Parameters<typeof replyFromPhone>[1]['said'] // each body is what its deed takes
        return door.once(request, reply, async (ctx) => ({
          status: 201,
          body: showWords(await replyFromPhone(ctx, { ...request.params, channelId, said })),
        }))
      },
    )
}

import { type Channel, findDefaultChannel, listChannels, logoutChannel, reloadChannel } from '#core/channels'
import type { Context } from '#kit/context'
import type { Door } from '#kit/door'
import { PAGE_MOST } from '#kit/paging'
import { showEngine, showEngineMe, showEngines } from './account.wire.ts'
import { Engines, One, one } from './answers.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Account'

export function engineRoutes(app: App, door: Door): void {
  app.get(
    '/engines',
    { schema: { ...about(TAG, ['List engines', 'The linked numbers.'], 'engines:read'), response: answers(200, Engines) } },
    async ({ ctx }) => showEngines((await engines(ctx)).map(showEngine)),
  )
  app.get(
    '/engines/me',
    {
      schema: {
        ...about(TAG, ['Get the engine in use', 'The linked number that messages leave from.'], 'engines:read'),
        response: answers(200, One),
      },
    },
    async ({ ctx }) => one(showEngineMe(await engines(ctx))),
  )
  for (const [word, verb, title, does] of [
    ['logout', logoutChannel, 'Log out', 'Ends the session of the own number; a simulated one is back a few seconds later.'],
    ['reload', reloadChannel, 'Reload', 'Drops the session of the own number and takes it up again.'],
  ] as const) {
    app.post(
      `/engines/${word}`,
      { schema: { ...about(TAG, [title, does], 'engines:write'), response: answers(200, One) } },
      (request, reply) =>
        door.once(request, reply, async (ctx) => {
          await verb(ctx, { channelId: (await findDefaultChannel(ctx, { persona: 'own_number', linked: true })).id })
          return { status: 200, body: one({ ok: true }) }
        }),
    )
  }
}

/** Every channel: an account has a few, and the answer is not paged. */
export async function engines(ctx: Context): Promise<Channel[]> {
  const channels: Channel[] = []
  let cursor: string | undefined
  do {
    const page = await listChannels(ctx, { limit: PAGE_MOST, ...(cursor !== undefined && { cursor }) })
    channels.push(...page.rows)
    cursor = page.next
  } while (cursor !== undefined)
  return channels
}

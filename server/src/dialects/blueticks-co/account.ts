import { type Channel, listChannels } from '#core/channels'
import { getWorkspace } from '#core/workspaces'
import type { Context } from '#kit/context'
import { PAGE_MOST } from '#kit/paging'
import { showAccount, showEngine, showEngines, showPing } from './account.wire.ts'
import { One, one } from './answers.wire.ts'
import { type App, about, answers } from './routes.ts'
import { lend } from './scopes.ts'

const TAG = 'Account'
const KEY_SHOWN = 10

export function accountRoutes(app: App): void {
  app.get(
    '/ping',
    { schema: { ...about(TAG, ['Ping', 'Is the server there, and which numbers are connected?']), response: answers(200, One) } },
    async ({ ctx, headers }) => {
      const channels = await engines(lend(ctx, undefined, ['channels:read']))
      const prefix = (headers.authorization ?? '').replace(/^Bearer +/i, '').slice(0, KEY_SHOWN)
      return one(showPing(ctx.actor, channels, prefix))
    },
  )
  app.get(
    '/account',
    { schema: { ...about(TAG, ['Get the account', 'The account that the key opens.'], 'account:read'), response: answers(200, One) } },
    async ({ ctx }) => one(showAccount(await getWorkspace(ctx, {}))),
  )
  app.get('/engines', { schema: { ...about(TAG, ['List engines', 'The linked numbers.'], 'engines:read') } }, async ({ ctx }) =>
    showEngines((await engines(ctx)).map(showEngine)),
  )
}

/** Every channel: an account has a few, and the answer is not paged. */
async function engines(ctx: Context): Promise<Channel[]> {
  const channels: Channel[] = []
  let cursor: string | undefined
  do {
    const page = await listChannels(ctx, { limit: PAGE_MOST, ...(cursor !== undefined && { cursor }) })
    channels.push(...page.rows)
    cursor = page.next
  } while (cursor !== undefined)
  return channels
}

import { getWorkspace } from '#core/workspaces'
import { showAccount, showPing } from './account.wire.ts'
import { One, one } from './answers.wire.ts'
import { engines } from './engines.ts'
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
}

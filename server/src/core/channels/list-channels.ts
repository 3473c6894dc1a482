import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { selectChannels } from './channel.store.ts'
import type { Channel } from './channel.ts'

export const listChannels = operation({
  name: 'channels.list',
  does: 'The channels of this workspace, oldest first.',
  needs: 'channels:read',
  input: PageInput,
  async run(ctx, { limit, cursor }): Promise<Page<Channel>> {
    const channels = await selectChannels(ctx.db, ctx.workspaceId, { limit, after: cursorId(cursor) })
    return pageOf(channels, limit, ({ id }) => id)
  },
})

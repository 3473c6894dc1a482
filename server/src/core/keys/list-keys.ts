import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { selectKeys } from './key.store.ts'
import type { Key } from './key.ts'

export const listKeys = operation({
  name: 'keys.list',
  does: 'The API keys of this workspace, newest first, revoked ones too.',
  needs: 'keys:read',
  input: PageInput,
  async run(ctx, { limit, cursor }): Promise<Page<Key>> {
    const keys = await selectKeys(ctx.db, ctx.workspaceId, { limit, before: cursorId(cursor) })
    return pageOf(keys, limit, ({ id }) => id)
  },
})

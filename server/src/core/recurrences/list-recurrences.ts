import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import { selectRecurrences } from './recurrence.store.ts'
import { RECURRENCE_STATES, type Recurrence } from './recurrence.ts'

export const listRecurrences = operation({
  name: 'recurrences.list',
  does: 'The recurrences of this workspace, newest first.',
  needs: 'messages:read',
  input: PageInput.extend({ states: z.array(z.enum(RECURRENCE_STATES)).max(RECURRENCE_STATES.length).optional() }),
  async run(ctx, { states, limit, cursor }): Promise<Page<Recurrence>> {
    const rows = await selectRecurrences(ctx.db, ctx.workspaceId, { states, after: cursorId(cursor), limit: limit + 1 })
    return pageOf(rows, limit, ({ id }) => id)
  },
})

import { z } from 'zod'
import { operation } from '#kit/operation'
import { cursorId, type Page, PageInput, pageOf } from '#kit/paging'
import type { Member } from './audience.ts'
import { selectMembers, selectVariableNames } from './member.store.ts'
import { requireAudience } from './require-audience.ts'

export const listMembers = operation({
  name: 'audiences.members.list',
  does: 'Who is in an audience, in the order of their coming.',
  needs: 'audiences:read',
  mayRefuse: ['not_found'],
  input: PageInput.extend({
    audienceId: z.uuid(),
    skip: z.int().min(0).max(10_000_000).optional().describe('For doors that page by number'),
  }),
  async run(ctx, { audienceId, limit, cursor, skip }): Promise<Page<Member>> {
    const audience = await requireAudience(ctx, audienceId)
    const members = await selectMembers(ctx.db, audience, { after: cursorId(cursor), limit: limit + 1, skip })
    return pageOf(members, limit, ({ id }) => id)
  },
})

export const listVariableNames = operation({
  name: 'audiences.variables.list',
  does: 'The names of all variables in an audience.',
  needs: 'audiences:read',
  mayRefuse: ['not_found'],
  input: z.strictObject({ audienceId: z.uuid() }),
  run: async (ctx, { audienceId }): Promise<string[]> => selectVariableNames(ctx.db, await requireAudience(ctx, audienceId)),
})
